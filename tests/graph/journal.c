/* What nodes have written down, and their plans. */
#include "graph/private.h"

#include <string.h>

static void
got_free(gpointer data)
{
  Got *got = data;
  mg_buffer_unref(got->buffer);
  g_free(got->id);
  g_free(got);
}

Fake *
fake_new(void)
{
  Fake *fake = g_new0(Fake, 1);
  fake->got = g_ptr_array_new_with_free_func(got_free);
  return fake;
}

void
fake_free(gpointer data)
{
  Fake *fake = data;
  g_ptr_array_unref(fake->got);
  g_free(fake);
}

Fake *
rig_find_fake(Rig *rig, const char *id)
{
  Fake *fake = g_hash_table_lookup(rig->fakes, id);
  g_assert_nonnull(fake);
  return fake;
}

void
rig_note(Rig *rig, const char *id, const char *what)
{
  g_mutex_lock(&rig->lock);
  g_ptr_array_add(rig->journal, g_strdup_printf("%s %s", id, what));
  g_mutex_unlock(&rig->lock);
}

guint
rig_count(Rig *rig, const char *entry)
{
  guint n = 0;
  g_mutex_lock(&rig->lock);
  for (guint i = 0; i < rig->journal->len; i++)
    n += g_str_equal(g_ptr_array_index(rig->journal, i), entry);
  g_mutex_unlock(&rig->lock);
  return n;
}

gint
rig_position(Rig *rig, const char *entry)
{
  guint index;
  g_mutex_lock(&rig->lock);
  gboolean is_there = g_ptr_array_find_with_equal_func(rig->journal, entry, g_str_equal, &index);
  g_mutex_unlock(&rig->lock);
  return is_there ? (gint) index : -1;
}

char *
rig_story(Rig *rig, const char *id)
{
  GString *story = g_string_new(NULL);
  g_autofree char *prefix = g_strdup_printf("%s ", id);
  g_mutex_lock(&rig->lock);
  for (guint i = 0; i < rig->journal->len; i++) {
    const char *entry = g_ptr_array_index(rig->journal, i);
    if (g_str_has_prefix(entry, prefix))
      g_string_append_printf(story, "%s%s", story->len > 0 ? " " : "", entry + strlen(prefix));
  }
  g_mutex_unlock(&rig->lock);
  return g_string_free(story, FALSE);
}

guint
rig_n_got(Rig *rig, const char *id)
{
  g_mutex_lock(&rig->lock);
  guint n = rig_find_fake(rig, id)->got->len;
  g_mutex_unlock(&rig->lock);
  return n;
}

Got *
rig_got(Rig *rig, const char *id, guint index)
{
  g_mutex_lock(&rig->lock);
  GPtrArray *all = rig_find_fake(rig, id)->got;
  g_assert_cmpuint(index, <, all->len);
  Got *got = g_ptr_array_index(all, index);
  g_mutex_unlock(&rig->lock);
  return got;
}

Plan *
rig_plan(Rig *rig, const char *id)
{
  return &rig_find_fake(rig, id)->plan;
}

MgNode *
rig_node(Rig *rig, const char *id)
{
  g_mutex_lock(&rig->lock);
  MgNode *node = rig_find_fake(rig, id)->node;
  g_mutex_unlock(&rig->lock);
  return node;
}
