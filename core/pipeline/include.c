#include "pipeline/include.h"

#include "host/props-check.h"
#include "pipeline/engine-props.h"
#include "pipeline/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  LARGEST_FILE = 1 << 20,
  MOST_ELEMENTS = 10000, /* of all files together */
  MOST_FILES = 100,
  DEEPEST_INCLUDE = 8,
};

typedef struct {
  dev_t device;
  ino_t inode;
  const char *file; /* interned */
} Open;

typedef struct {
  MgDiagnostics *diagnostics;
  GArray *open; /* of Open: the file being read, and those that include it */
  guint elements_left;
  guint files_left;
} Loader;

static void fail(Loader *loader, const MgPlace *place, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
fail(Loader *loader, const MgPlace *place, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *sentence = g_strdup_vprintf(format, args);
  va_end(args);
  mg_diagnostics_error(loader->diagnostics, place, "%s", sentence);
}

/* Files. */

/* Returned-owned: all of FD, or NULL and errno; *SIZE may be LARGEST_FILE + 1, which is too much. */
static char *
read_fd(int fd, gsize *size)
{
  g_autofree char *text = g_malloc(LARGEST_FILE + 1);
  *size = 0;
  while (*size <= LARGEST_FILE) {
    gssize n = read(fd, text + *size, LARGEST_FILE + 1 - *size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return NULL;
    if (n == 0)
      break;
    *size += (gsize) n;
  }
  return g_steal_pointer(&text);
}

/* Whether the file of STATUS is being read already; says so with the way that leads to itself. */
static gboolean
is_cycle(Loader *loader, const struct stat *status, const MgPlace *place)
{
  for (guint i = 0; i < loader->open->len; i++) {
    const Open *open = &g_array_index(loader->open, Open, i);
    if (open->device == status->st_dev && open->inode == status->st_ino) {
      fail(loader, place, "%s includes itself", open->file);
      return TRUE;
    }
  }
  return FALSE;
}

static MgElement *read_element(Loader *loader, const char *file, const char *text, gsize size);

/* PLACE is who asks for the file: an include, or the file as a whole, which the place names already. */
static const char *
name_at(const MgPlace *place, const char *file)
{
  return place->line == 0 ? "it" : file;
}

static MgElement *
read_open_file(Loader *loader, int fd, const char *file, const MgPlace *place)
{
  struct stat status;
  if (fstat(fd, &status) != 0 || S_ISDIR(status.st_mode) ||
      (loader->open->len > 0 && !S_ISREG(status.st_mode))) {
    fail(loader, place, "%s is not a file", name_at(place, file));
    return NULL;
  }
  if (S_ISREG(status.st_mode) && is_cycle(loader, &status, place))
    return NULL;
  gsize size;
  g_autofree char *text = read_fd(fd, &size);
  if (text == NULL) {
    fail(loader, place, "%s cannot be read: %s", name_at(place, file), g_strerror(errno));
    return NULL;
  }
  if (size > LARGEST_FILE) {
    fail(loader, place, "%s is larger than 1 MiB", name_at(place, file));
    return NULL;
  }
  Open open = { status.st_dev, status.st_ino, file };
  g_array_append_val(loader->open, open);
  MgElement *root = read_element(loader, file, text, size);
  g_array_set_size(loader->open, loader->open->len - 1);
  return root;
}

static MgElement *
read_file(Loader *loader, const char *path, const MgPlace *place)
{
  const char *file = g_intern_string(path);
  if (loader->files_left == 0 || loader->open->len > DEEPEST_INCLUDE) {
    fail(loader, place, "there are too many includes");
    return NULL;
  }
  loader->files_left--;
  /* Only the main file may be a pipe: an include must not wait for a writer. */
  int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (loader->open->len > 0 ? O_NONBLOCK : 0);
  int fd = open(file, flags);
  if (fd < 0) {
    fail(loader, place, "%s cannot be read: %s", name_at(place, file), g_strerror(errno));
    return NULL;
  }
  MgElement *root = read_open_file(loader, fd, file, place);
  close(fd);
  return root;
}

/* Includes. */

/* Returned-owned: the path that INCLUDE names, or NULL. */
static char *
included_path(Loader *loader, const MgElement *include)
{
  MgIncludeProps props = { 0 };
  g_autofree char *folder = g_path_get_dirname(include->place.file);
  char *path = NULL;
  if (mg_props_fill_struct(mg_include_props, include, "include", NULL, &props,
                           mg_diagnostics_report, loader->diagnostics))
    path = g_path_is_absolute(props.file) || g_str_equal(folder, ".")
               ? g_strdup(props.file)
               : g_build_filename(folder, props.file, NULL);
  mg_props_clear_struct(mg_include_props, &props);
  if (include->children->len > 0)
    fail(loader, &include->place, "include has no child elements");
  return path;
}

/* Returns whether the children of ROOT may stand in PARENT. */
static gboolean
check_root(Loader *loader, const MgElement *root, const MgElement *parent)
{
  if (!g_str_equal(root->name, parent->name)) {
    fail(loader, &root->place,
         "the root element must be <%s>, not <%s>: this file is included inside <%s>", parent->name,
         root->name, parent->name);
    return FALSE;
  }
  if (root->attributes->len > 0) {
    const MgAttribute *first = &g_array_index(root->attributes, MgAttribute, 0);
    fail(loader, &first->place, "the root element of an included file has no attributes");
  }
  return TRUE;
}

/* Puts the children of ROOT (taken) into PARENT at INDEX. Returns how many. */
static guint
insert_children(MgElement *parent, guint index, MgElement *root)
{
  guint n = root->children->len;
  for (guint i = 0; i < n; i++)
    g_ptr_array_insert(parent->children, (gint) (index + i), root->children->pdata[i]);
  g_ptr_array_set_free_func(root->children, NULL);
  mg_element_free(root);
  return n;
}

static guint
replace_include(Loader *loader, MgElement *parent, guint index)
{
  g_autoptr(MgElement) include = g_ptr_array_steal_index(parent->children, index);
  g_autofree char *path = included_path(loader, include);
  g_autoptr(MgElement) root = path ? read_file(loader, path, &include->place) : NULL;
  if (root == NULL || !check_root(loader, root, parent)) {
    parent->lacks_children = TRUE;
    return 0;
  }
  parent->lacks_children |= root->lacks_children;
  return insert_children(parent, index, g_steal_pointer(&root));
}

/* Replaces all includes below ELEMENT, whose depth the reader has limited. */
static void
resolve(Loader *loader, MgElement *element)
{
  for (guint i = 0; i < element->children->len;) {
    MgElement *child = g_ptr_array_index(element->children, i);
    if (g_str_equal(child->name, "include")) {
      i += replace_include(loader, element, i);
    } else {
      resolve(loader, child);
      i++;
    }
  }
}

static MgElement *
read_element(Loader *loader, const char *file, const char *text, gsize size)
{
  mg_diagnostics_add_file(loader->diagnostics, file);
  MgElement *root = mg_xml_read(file, text, size, &loader->elements_left, loader->diagnostics);
  if (root)
    resolve(loader, root);
  return root;
}

/* The public functions. */

static void
loader_init(Loader *loader, MgDiagnostics *diagnostics)
{
  *loader = (Loader){
    .diagnostics = diagnostics,
    .open = g_array_new(FALSE, FALSE, sizeof(Open)),
    .elements_left = MOST_ELEMENTS,
    .files_left = MOST_FILES,
  };
}

static MgElement *
loader_finish(Loader *loader, MgElement *root)
{
  g_array_unref(loader->open);
  return root;
}

MgElement *
mg_include_read_file(const char *path, MgDiagnostics *diagnostics)
{
  Loader loader;
  MgPlace place = { g_intern_string(path), 0, 0 };
  loader_init(&loader, diagnostics);
  return loader_finish(&loader, read_file(&loader, path, &place));
}

MgElement *
mg_include_read_text(const char *path, const char *text, gsize size, MgDiagnostics *diagnostics)
{
  Loader loader;
  loader_init(&loader, diagnostics);
  Open itself = { .file = g_intern_string(path) };
  g_array_append_val(loader.open, itself);
  if (size > LARGEST_FILE) {
    fail(&loader, &(MgPlace){ itself.file, 0, 0 }, "it is larger than 1 MiB");
    return loader_finish(&loader, NULL);
  }
  return loader_finish(&loader, read_element(&loader, itself.file, text, size));
}
