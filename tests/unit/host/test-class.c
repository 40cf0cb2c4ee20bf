#include "host/class.h"

#include <mediagraph/prop.h>

typedef struct {
  gint64 number;
  MgTime time;
  char *dir;
  gint mode;
  gpointer items;
  guint n_items;
} Self;

typedef struct {
  gint64 height;
} Item;

static const MgChoice modes[] = { { "fast", 0, "quickly" }, { "good", 1, "well" }, { NULL } };

static MgNodeClass
right(void)
{
  static const MgProp props[] = {
    MG_PROP_INT(Self, number, "5", "1", "9", 0, "a number"),
    MG_PROP_TIME(Self, time, "4s", NULL, NULL, 0, "a time"),
    MG_PROP_STRING(Self, dir, "${app}", MG_PROP_TEMPLATE, "a folder"),
    MG_PROP_ENUM(Self, mode, "good", modes, 0, "how"),
    { 0 },
  };
  static const MgProp item_props[] = {
    MG_PROP_INT(Item, height, NULL, NULL, NULL, MG_PROP_REQUIRED, "pixels"),
    { 0 },
  };
  static const MgChildKind children[] = {
    MG_CHILD(Self, "video", items, n_items, Item, item_props, 1, 8, "one picture size"),
    { 0 },
  };
  return (MgNodeClass){
    .size = sizeof(MgNodeClass),
    .name = "fake-node",
    .help = "does nothing",
    .instance_size = sizeof(Self),
    .props = props,
    .children = children,
    .role = MG_ROLE_SINK,
    .takes = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
  };
}

static void
assert_refused(const MgNodeClass *class, const char *message)
{
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_class_check(class, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, message);
}

static void
assert_prop_refused(MgProp prop, const char *message)
{
  MgProp props[] = { prop, { 0 } };
  MgNodeClass class = right();
  class.props = props;
  assert_refused(&class, message);
}

static void
test_right(void)
{
  MgNodeClass class = right();
  g_autoptr(GError) error = NULL;
  mg_class_check(&class, &error);
  g_assert_no_error(error);
}

static void
test_names(void)
{
  MgNodeClass class = right();
  static const char *const wrong[] = { "",    "pipeline", "../x", "a.b", "1x",
                                       "a_b", "My-node",  "-x",   "nodE" };
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    class.name = wrong[i];
    assert_refused(&class, "it has no proper name");
  }
}

static void
test_roles(void)
{
  MgNodeClass class = right();
  class.takes.forms = 0;
  assert_refused(&class, "it does not say what it takes");
  class.role = MG_ROLE_SOURCE;
  assert_refused(&class, "it does not say what it gives");
  class.role = (MgRole) 99;
  assert_refused(&class, "this engine does not know its role or how it runs");
}

static void
test_variants(void)
{
  MgNodeClass caller = right(), other = right(), class = right();
  const MgNodeClass *const variants[] = { &caller, &other, NULL };
  g_autoptr(GError) error = NULL;
  caller.mode = "call";
  other.mode = "other";
  class.variants = variants;
  mg_class_check(&class, &error);
  g_assert_no_error(error);
  g_assert_true(mg_class_for_mode(&class, "call") == &caller);
  g_assert_true(mg_class_for_mode(&class, "other") == &other);
  g_assert_true(mg_class_for_mode(&class, "else") == &class);
  g_assert_true(mg_class_for_mode(&class, NULL) == &class);
  other.name = "another-node";
  assert_refused(&class, "a variant needs a mode, its class's name, and no variants");
  other = right();
  assert_refused(&class, "a variant needs a mode, its class's name, and no variants");
}

static void
test_patience(void)
{
  MgNodeClass class = right();
  class.patience = -1;
  assert_refused(&class, "its patience is negative, or it has a mailbox, too");
  class.patience = MG_SECOND;
  g_assert_true(mg_class_check(&class, NULL));
  class.has_mailbox = TRUE;
  assert_refused(&class, "its patience is negative, or it has a mailbox, too");
}

static void
test_props(void)
{
  assert_prop_refused(
      (MgProp) MG_PROP_TIME(Self, time, "4", NULL, NULL, 0, "a time"),
      "property 'time': \"4\" is not a time; write it like 500ms, 4s, 10m, 2h or 7d");
  assert_prop_refused((MgProp) MG_PROP_INT(Self, number, "5", "6", "9", 0, "a number"),
                      "property 'number': \"5\" is not between 6 and 9");
  assert_prop_refused((MgProp) MG_PROP_INT(Self, number, NULL, "9", "1", 0, "a number"),
                      "property 'number': the range 9 to 1 is empty");
  assert_prop_refused((MgProp) MG_PROP_ENUM(Self, mode, "bad", modes, 0, "how"),
                      "property 'mode': \"bad\" is not fast or good");
  assert_prop_refused((MgProp) MG_PROP_ENUM(Self, mode, NULL, NULL, 0, "how"),
                      "property 'mode': it has no choices");
  assert_prop_refused((MgProp) MG_PROP_FLAGS(Self, mode, NULL, NULL, 0, "how"),
                      "property 'mode': it has no choices");
  assert_prop_refused((MgProp) MG_PROP_STRING(Self, dir, "${ap}", MG_PROP_TEMPLATE, "a folder"),
                      "property 'dir': unknown variable ${ap}; did you mean 'app'?");
  assert_prop_refused((MgProp) MG_PROP_STRING(Self, dir, "x", MG_PROP_REQUIRED, "a folder"),
                      "property 'dir': it is required and has a default");
  assert_prop_refused((MgProp) MG_PROP_STRING(Self, dir, NULL, MG_PROP_LISTEN_TCP, "a folder"),
                      "property 'dir': only addresses are listened on");
  assert_prop_refused((MgProp){ .name = "x", .type = 77, .help = "" },
                      "property 'x': this engine has no type 77");
}

static void
test_offsets(void)
{
  MgProp outside = MG_PROP_INT(Self, number, NULL, NULL, NULL, 0, "a number");
  outside.offset = sizeof(Self);
  assert_prop_refused(outside, "property 'number': its field is not inside the struct");
  outside.offset = G_MAXSIZE - 7;
  assert_prop_refused(outside, "property 'number': its field is not inside the struct");
  outside.offset = 1;
  assert_prop_refused(outside, "property 'number': its field is not inside the struct");
}

static void
test_engine_attributes(void)
{
  assert_prop_refused((MgProp){ .name = "queue_bytes", .type = MG_PROP_TYPE_INT, .help = "" },
                      "property 'queue-bytes' is an attribute of the engine");
}

static void
test_twice(void)
{
  MgProp props[] = {
    MG_PROP_INT(Self, number, NULL, NULL, NULL, 0, "a number"),
    MG_PROP_INT(Self, number, NULL, NULL, NULL, 0, "a number"),
    { 0 },
  };
  MgNodeClass class = right();
  class.props = props;
  assert_refused(&class, "property 'number' is there twice");
}

static void
test_children(void)
{
  MgNodeClass class = right();
  MgChildKind children[] = { class.children[0], { 0 } };
  class.children = children;
  children[0].least = 9;
  assert_refused(&class, "child element 'video': at least 9 and at most 8 is impossible");
  children[0].item_size = 0;
  assert_refused(&class, "child element 'video': it has no size or no help text");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/host/class/right-one-passes", test_right);
  g_test_add_func("/host/class/name-must-fit-a-file-and-an-element", test_names);
  g_test_add_func("/host/class/role-must-fit-what-it-takes-and-gives", test_roles);
  g_test_add_func("/host/class/defaults-and-ranges-must-be-values", test_props);
  g_test_add_func("/host/class/fields-must-lie-in-the-struct", test_offsets);
  g_test_add_func("/host/class/a-variant-is-found-by-its-mode", test_variants);
  g_test_add_func("/host/class/patience-is-no-mailbox", test_patience);
  g_test_add_func("/host/class/engine-attributes-are-taken", test_engine_attributes);
  g_test_add_func("/host/class/property-stands-once", test_twice);
  g_test_add_func("/host/class/child-tables-are-checked-too", test_children);
  return g_test_run();
}
