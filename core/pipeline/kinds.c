/* Whether what a producer gives is what its consumer takes, as far as the classes' tables know. */
#include "pipeline/draft.h"

#include "host/registry.h"
#include "pipeline/kinds.h"
#include "util/suggest.h"

typedef struct {
  guint bit;
  const char *word;
} Bit;

static const Bit media_bits[] = {
  { MG_MEDIA_VIDEO, "video" }, { MG_MEDIA_AUDIO, "audio" }, { MG_MEDIA_DATA, "data" }, { 0, NULL }
};
static const Bit form_bits[] = { { MG_FORM_PACKET, "packets" },
                                 { MG_FORM_FRAME, "frames" },
                                 { MG_FORM_CHUNK, "chunks" },
                                 { 0, NULL } };

static char *
join_bits(const Bit *bits, guint set)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  for (; bits->word != NULL; bits++) {
    if (set & bits->bit)
      g_strv_builder_add(builder, bits->word);
  }
  g_auto(GStrv) words = g_strv_builder_end(builder);
  return mg_join_words((const char *const *) words, "and");
}

char *
mg_kinds_media_to_text(guint media)
{
  return join_bits(media_bits, media);
}

char *
mg_kinds_forms_to_text(guint forms)
{
  return join_bits(form_bits, forms);
}

char *
mg_kinds_codecs_to_text(const MgCodec *codecs)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  for (; *codecs != MG_CODEC_NONE; codecs++) {
    g_autofree char *name = mg_codec_name(*codecs);
    g_strv_builder_add(builder, name);
  }
  g_auto(GStrv) words = g_strv_builder_end(builder);
  return mg_join_words((const char *const *) words, "and");
}

static gboolean
have_common_codec(const MgCodec *a, const MgCodec *b)
{
  if (a == NULL || b == NULL)
    return TRUE;
  for (; *a != MG_CODEC_NONE; a++) {
    for (const MgCodec *other = b; *other != MG_CODEC_NONE; other++) {
      if (*other == *a)
        return TRUE;
    }
  }
  return FALSE;
}

static gboolean
fit(const MgAccepts *gives, const MgAccepts *takes, guint media)
{
  return (gives->media & takes->media & media) && (gives->forms & takes->forms) &&
         have_common_codec(gives->codecs, takes->codecs);
}

/*
 * Returned-owned: "; put segment-cmaf between them", or "" when no known filter makes the one of the
 * other. A filter that takes what it is to make passes it on, and does not make it.
 */
static char *
bridge_hint(const MgNodeClass *producer, const MgNodeClass *consumer, guint media)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  g_auto(GStrv) names = mg_registry_list();
  gsize n = 0;
  for (gsize i = 0; names[i] != NULL; i++) {
    const MgNodeClass *class = mg_registry_find(names[i], NULL);
    if (class && class->role == MG_ROLE_FILTER && fit(&producer->gives, &class->takes, media) &&
        fit(&class->gives, &consumer->takes, media) &&
        !fit(&class->takes, &consumer->takes, media)) {
      g_strv_builder_add(builder, names[i]);
      n++;
    }
  }
  g_auto(GStrv) bridges = g_strv_builder_end(builder);
  if (n == 0)
    return g_strdup("");
  g_autofree char *all = mg_join_words((const char *const *) bridges, "or");
  return g_strdup_printf("; put %s between them", all);
}

static void
report(const MgDraft *consumer, const MgDraft *producer, const MgWord *word, const char *takes,
       const char *gives, MgDiagnostics *diagnostics)
{
  g_autofree char *place = mg_place_to_text(&producer->element->place);
  g_autofree char *to = mg_draft_describe(consumer);
  g_autofree char *from = mg_draft_describe(producer);
  g_autofree char *hint = bridge_hint(producer->class, consumer->class, mg_word_media(word));
  mg_diagnostics_error(diagnostics, &word->place, "%s takes %s, but %s (%s) gives %s%s", to, takes,
                       from, place, gives, hint);
}

static void
check_word(const MgDraft *consumer, const MgDraft *producer, const MgWord *word,
           MgDiagnostics *diagnostics)
{
  const MgAccepts *gives = &producer->class->gives, *takes = &consumer->class->takes;
  guint media = mg_word_media(word);
  if ((gives->media & media) == 0) {
    g_autofree char *given = mg_kinds_media_to_text(gives->media);
    g_autofree char *asked = mg_kinds_media_to_text(media);
    g_autofree char *from = mg_draft_describe(producer);
    g_autofree char *place = mg_place_to_text(&producer->element->place);
    mg_diagnostics_error(diagnostics, &word->place, "%s (%s) gives %s, not %s", from, place, given,
                         asked);
  } else if ((gives->media & takes->media & media) == 0) {
    g_autofree char *taken = mg_kinds_media_to_text(takes->media);
    g_autofree char *given = mg_kinds_media_to_text(gives->media & media);
    report(consumer, producer, word, taken, given, diagnostics);
  } else if ((gives->forms & takes->forms) == 0) {
    g_autofree char *taken = mg_kinds_forms_to_text(takes->forms);
    g_autofree char *given = mg_kinds_forms_to_text(gives->forms);
    report(consumer, producer, word, taken, given, diagnostics);
  } else if (!have_common_codec(gives->codecs, takes->codecs)) {
    g_autofree char *taken = mg_kinds_codecs_to_text(takes->codecs);
    g_autofree char *given = mg_kinds_codecs_to_text(gives->codecs);
    report(consumer, producer, word, taken, given, diagnostics);
  }
}

void
mg_kinds_check(GPtrArray *drafts, MgDiagnostics *diagnostics)
{
  for (guint i = 0; i < drafts->len; i++) {
    const MgDraft *consumer = g_ptr_array_index(drafts, i);
    for (guint k = 0; consumer->class && k < consumer->words->len; k++) {
      const MgWord *word = &g_array_index(consumer->words, MgWord, k);
      const MgDraft *producer =
          word->producer >= 0 ? g_ptr_array_index(drafts, (guint) word->producer) : NULL;
      if (producer && producer->class && mg_draft_gives(producer) && mg_draft_takes(consumer))
        check_word(consumer, producer, word, diagnostics);
    }
  }
}
