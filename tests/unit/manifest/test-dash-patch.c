#include "manifest/dash-patch.h"
#include "manifest/dash.h"

#include <string.h>

/* What is left to vary of an MPD with one set of one representation per period. */
typedef struct {
  const MgDashPeriod *periods;
  gsize n_periods;
  const char *location;
  guint64 time_shift_ms;
} Scene;

static MgDashEdition *
publish(const Scene *scene, guint second)
{
  const MgDashMpd mpd = {
    .id = "/live/x",
    .is_dynamic = TRUE,
    .publish_us = second * (gint64) G_USEC_PER_SEC,
    .time_shift_ms = scene->time_shift_ms,
    .patch_location = scene->location,
    .periods = scene->periods,
    .n_periods = scene->n_periods,
    .clock_scheme = "s",
    .clock_value = "/time",
  };
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_dash_mpd_write(&mpd, &w);
  return mg_dash_edition_new((const char *) w.data, w.size);
}

/* The operations of the patch from one to the other, a line each. */
static void
expect(const Scene *from, const Scene *to, const char *lines)
{
  g_autoptr(MgDashEdition) first = publish(from, 1);
  g_autoptr(MgDashEdition) second = publish(to, 2);
  g_autofree char *text = g_strconcat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<Patch xmlns=\"urn:mpeg:dash:schema:mpd-patch:2020\" mpdId=\"/live/x\""
      " originalPublishTime=\"1970-01-01T00:00:01.000Z\" publishTime=\"1970-01-01T00:00:02.000Z\">\n"
      "  <replace sel=\"/MPD/@publishTime\">1970-01-01T00:00:02.000Z</replace>\n",
      lines, "</Patch>\n", NULL);
  g_auto(MgWriter) w = MG_WRITER_INIT;
  g_assert_true(mg_dash_patch_write(first, second, &w));
  mg_writer_u8(&w, '\0');
  g_assert_cmpstr((const char *) w.data, ==, text);
}

#define TIMELINE                                                                                   \
  "/MPD/Period[@id='p0']/AdaptationSet[@id='0']/Representation[@id='v']/SegmentTemplate/"          \
  "SegmentTimeline"

static MgDashTemplate
timeline(const MgDashSegment *segments, gsize n)
{
  return (MgDashTemplate){
    .timescale = 1, .is_patchable = TRUE, .segments = segments, .n_segments = n
  };
}

/* Periods of segments each. */
static Scene
scene_of(MgDashPeriod *period, MgDashAdaptationSet *set, MgDashRepresentation *representation,
         const MgDashTemplate *template)
{
  *representation = (MgDashRepresentation){ .id = "v", .bandwidth = 5, .segment = template };
  *set = (MgDashAdaptationSet){ .representations = representation, .n_representations = 1 };
  *period = (MgDashPeriod){ .id = "p0", .sets = set, .n_sets = 1 };
  return (Scene){ period, 1 };
}

static void
test_the_list_moves_on(void)
{
  const MgDashSegment before[] = { { 0, 4 }, { 4, 4 }, { 8, 5 } };
  const MgDashSegment after[] = { { 4, 4 }, { 8, 4 }, { 12, 4 }, { 16, 5 } };
  const MgDashTemplate old = timeline(before, 3), new = timeline(after, 4);
  MgDashPeriod periods[2];
  MgDashAdaptationSet sets[2];
  MgDashRepresentation representations[2];
  const Scene from = scene_of(&periods[0], &sets[0], &representations[0], &old);
  const Scene to = scene_of(&periods[1], &sets[1], &representations[1], &new);
  expect(&from, &to,
         "  <replace sel=\"" TIMELINE "/S[@t='8']\">\n"
         "    <S t=\"8\" d=\"4\"/>\n"
         "  </replace>\n"
         "  <add sel=\"" TIMELINE "/S[@t='8']\" pos=\"after\">\n"
         "    <S t=\"12\" d=\"4\"/>\n"
         "  </add>\n"
         "  <add sel=\"" TIMELINE "\">\n"
         "    <S t=\"16\" d=\"5\"/>\n"
         "  </add>\n"
         "  <remove sel=\"" TIMELINE "/S[@t='0']\"/>\n");
}

static void
test_periods_come_and_go(void)
{
  const MgDashPeriod before[] = { { .id = "p0" }, { .id = "p1" } };
  const MgDashPeriod after[] = { { .id = "p1" }, { .id = "p2", .start_ms = 9000 } };
  expect(&(Scene){ before, 2 }, &(Scene){ after, 2 },
         "  <add sel=\"/MPD/Period[@id='p1']\" pos=\"after\">\n"
         "    <Period id=\"p2\" start=\"PT9S\"/>\n"
         "  </add>\n"
         "  <remove sel=\"/MPD/Period[@id='p0']\"/>\n");
}

/* Nothing of the old MPD's periods is left to lean on. */
static void
test_all_periods_are_new(void)
{
  const MgDashPeriod before = { .id = "p0" }, after = { .id = "p1" };
  expect(&(Scene){ &before, 1 }, &(Scene){ &after, 1 },
         "  <add sel=\"/MPD\" pos=\"prepend\">\n"
         "    <Period id=\"p1\" start=\"PT0S\"/>\n"
         "  </add>\n"
         "  <remove sel=\"/MPD/Period[@id='p0']\"/>\n");
}

static void
test_attributes_change(void)
{
  const MgDashSegment segment = { 0, 4 };
  const MgDashTemplate template = timeline(&segment, 1);
  MgDashPeriod periods[2];
  MgDashAdaptationSet sets[2];
  MgDashRepresentation representations[2];
  Scene from = scene_of(&periods[0], &sets[0], &representations[0], &template);
  Scene to = scene_of(&periods[1], &sets[1], &representations[1], &template);
  sets[0].start_with_sap = 1;
  representations[1].bandwidth = 7;
  from.location = "1.mpp?a&b";
  to.location = "2.mpp?a&b";
  to.time_shift_ms = 1000;
  expect(&from, &to,
         "  <add sel=\"/MPD\" type=\"@timeShiftBufferDepth\">PT1S</add>\n"
         "  <replace sel=\"/MPD/PatchLocation[1]\">\n"
         "    <PatchLocation>2.mpp?a&amp;b</PatchLocation>\n"
         "  </replace>\n"
         "  <remove sel=\"/MPD/Period[@id='p0']/AdaptationSet[@id='0']/@startWithSAP\"/>\n"
         "  <replace sel=\"/MPD/Period[@id='p0']/AdaptationSet[@id='0']/"
         "Representation[@id='v']/@bandwidth\">7</replace>\n");
}

static void
test_what_cannot_be_patched(void)
{
  static const char named[] = "<MPD id=\"a\" publishTime=\"1\"/>";
  static const char other[] = "<MPD id=\"b\" publishTime=\"2\"/>";
  static const char nameless[] = "<MPD publishTime=\"1\"/>", broken[] = "<MPD id=\"a\"";
  g_assert_null(mg_dash_edition_new(nameless, strlen(nameless)));
  g_assert_null(mg_dash_edition_new(broken, strlen(broken)));
  static const char two[] = "<MPD id=\"a\" publishTime=\"1\"/><MPD id=\"a\" publishTime=\"1\"/>";
  g_assert_null(mg_dash_edition_new("", 0));
  g_assert_null(mg_dash_edition_new(two, strlen(two)));
  g_autoptr(MgDashEdition) a = mg_dash_edition_new(named, strlen(named));
  g_autoptr(MgDashEdition) b = mg_dash_edition_new(other, strlen(other));
  g_auto(MgWriter) w = MG_WRITER_INIT;
  g_assert_false(mg_dash_patch_write(a, b, &w));
  g_assert_cmpuint(w.size, ==, 0);
  g_assert_true(mg_dash_patch_write(a, a, &w));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/dash-patch/the-list-moves-on", test_the_list_moves_on);
  g_test_add_func("/manifest/dash-patch/periods-come-and-go", test_periods_come_and_go);
  g_test_add_func("/manifest/dash-patch/all-periods-are-new", test_all_periods_are_new);
  g_test_add_func("/manifest/dash-patch/attributes-change", test_attributes_change);
  g_test_add_func("/manifest/dash-patch/what-cannot-be-patched", test_what_cannot_be_patched);
  return g_test_run();
}
