/* Listing, ids, surfaces, images, faults and leaks, through libva. */
#include "device.h"

#include <dlfcn.h>
#include <string.h>
#include <va/va_vpp.h>

#define SUCCEEDS(call) g_assert_cmpstr(vaErrorStr(call), ==, vaErrorStr(VA_STATUS_SUCCESS))

static guint
attribute(Device *d, VAProfile profile, VAEntrypoint entrypoint, VAConfigAttribType type)
{
  VAConfigAttrib attrib = { .type = type };
  SUCCEEDS(vaGetConfigAttributes(d->display, profile, entrypoint, &attrib, 1));
  return attrib.value;
}

static void
lists_what_the_model_offers(void)
{
  Device d;
  device_open(&d, "mesa-like", NULL);
  VAProfile profiles[64];
  VAEntrypoint entrypoints[64];
  int n_profiles, n;
  g_assert_cmpstr(vaQueryVendorString(d.display), ==, "mediagraph VA-API double, mesa-like");
  SUCCEEDS(vaQueryConfigProfiles(d.display, profiles, &n_profiles));
  g_assert_cmpint(n_profiles, ==, 4);
  g_assert_cmpint(profiles[3], ==, VAProfileH264High);
  SUCCEEDS(vaQueryConfigEntrypoints(d.display, VAProfileNone, entrypoints, &n));
  g_assert_cmpint(n, ==, 1);
  g_assert_cmpint(entrypoints[0], ==, VAEntrypointVideoProc);
  g_assert_cmphex(attribute(&d, VAProfileH264High, VAEntrypointEncSlice, VAConfigAttribRateControl),
                  ==, VA_RC_CQP | VA_RC_CBR | VA_RC_VBR);
  g_assert_cmphex(
      attribute(&d, VAProfileH264High, VAEntrypointEncSlice, VAConfigAttribEncPackedHeaders), ==,
      VA_ENC_PACKED_HEADER_NONE);
  g_assert_cmpint(vaQueryConfigEntrypoints(d.display, VAProfileAV1Profile0, entrypoints, &n), ==,
                  VA_STATUS_ERROR_UNSUPPORTED_PROFILE);
  device_terminate(&d);
  device_clear(&d);
}

static void
intel_takes_packed_headers(void)
{
  Device d;
  device_open(&d, "intel-like", NULL);
  guint packed =
      attribute(&d, VAProfileH264Main, VAEntrypointEncSlice, VAConfigAttribEncPackedHeaders);
  g_assert_cmphex(packed & 0xd, ==, 0xd);
  g_assert_cmphex(
      attribute(&d, VAProfileH264Main, VAEntrypointEncSlice, VAConfigAttribEncMaxRefFrames), ==,
      0x10004);
  g_assert_cmphex(
      attribute(&d, VAProfileH264Main, VAEntrypointEncSliceLP, VAConfigAttribRateControl), ==,
      VA_RC_CQP);
  device_terminate(&d);
  device_clear(&d);
}

static void
refuses_what_is_not_offered(void)
{
  Device d;
  VAConfigID config;
  device_open(&d, "mesa-like", NULL);
  VAConfigAttrib packed = { VAConfigAttribEncPackedHeaders, VA_ENC_PACKED_HEADER_SLICE };
  g_assert_cmpint(
      vaCreateConfig(d.display, VAProfileH264Main, VAEntrypointEncSlice, &packed, 1, &config), ==,
      VA_STATUS_ERROR_ATTR_NOT_SUPPORTED);
  VAConfigAttrib format = { VAConfigAttribRTFormat, VA_RT_FORMAT_YUV444 };
  g_assert_cmpint(
      vaCreateConfig(d.display, VAProfileNone, VAEntrypointVideoProc, &format, 1, &config), ==,
      VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT);
  device_terminate(&d);
  device_clear(&d);
}

static VASurfaceID
make_surface(Device *d, guint width, guint height)
{
  VASurfaceID id;
  SUCCEEDS(vaCreateSurfaces(d->display, VA_RT_FORMAT_YUV420, width, height, &id, 1, NULL, 0));
  return id;
}

static void
tells_ids_apart(void)
{
  Device d;
  device_open(&d, NULL, NULL);
  VASurfaceID surface = make_surface(&d, 64, 48);
  VAContextID context;
  g_assert_cmpint(vaDestroyConfig(d.display, surface), ==, VA_STATUS_ERROR_INVALID_CONFIG);
  g_assert_cmpint(vaSyncSurface(d.display, 77), ==, VA_STATUS_ERROR_INVALID_SURFACE);
  g_assert_cmpint(vaCreateContext(d.display, surface, 64, 48, 0, NULL, 0, &context), ==,
                  VA_STATUS_ERROR_INVALID_CONFIG);
  SUCCEEDS(vaDestroySurfaces(d.display, &surface, 1));
  g_assert_cmpint(vaDestroySurfaces(d.display, &surface, 1), ==, VA_STATUS_ERROR_INVALID_SURFACE);
  g_autofree char *log = device_log(&d);
  g_assert_nonnull(
      strstr(log, "vaDestroyConfig INVALID_CONFIG: 0x03000001 is a surface, no config"));
  g_assert_nonnull(
      strstr(log, "vaSyncSurface INVALID_SURFACE: 0x0000004d is no surface and never was"));
  g_assert_nonnull(
      strstr(log, "vaDestroySurfaces INVALID_SURFACE: 0x03000001 is a surface that was destroyed"));
  device_terminate(&d);
  device_clear(&d);
}

static guint8 *
map_image(Device *d, const VAImage *image)
{
  void *data;
  SUCCEEDS(vaMapBuffer(d->display, image->buf, &data));
  return data;
}

/* Counts up in luma; chroma is U = 1, V = 2. */
static void
draw_nv12(guint8 *data, const VAImage *image)
{
  for (guint y = 0; y < image->height; y++)
    for (guint x = 0; x < image->width; x++) {
      data[image->offsets[0] + y * image->pitches[0] + x] = (guint8) (x + 16 * y);
      data[image->offsets[1] + y / 2 * image->pitches[1] + x] = (guint8) (1 + x % 2);
    }
}

static void
what_is_derived_is_the_surface(void)
{
  Device d;
  VAImage derived, planar;
  VAImageFormat i420 = { .fourcc = VA_FOURCC_I420 };
  device_open(&d, NULL, NULL);
  VASurfaceID surface = make_surface(&d, 16, 8);
  SUCCEEDS(vaDeriveImage(d.display, surface, &derived));
  draw_nv12(map_image(&d, &derived), &derived);
  g_assert_cmpint(vaDestroyImage(d.display, derived.image_id), ==, VA_STATUS_ERROR_INVALID_IMAGE);
  SUCCEEDS(vaUnmapBuffer(d.display, derived.buf));
  g_assert_cmpint(vaUnmapBuffer(d.display, derived.buf), ==, VA_STATUS_ERROR_INVALID_BUFFER);
  SUCCEEDS(vaDestroyImage(d.display, derived.image_id));
  SUCCEEDS(vaCreateImage(d.display, &i420, 16, 8, &planar));
  SUCCEEDS(vaGetImage(d.display, surface, 0, 0, 16, 8, planar.image_id));
  guint8 *data = map_image(&d, &planar);
  g_assert_cmpuint(data[planar.offsets[0] + 7 * planar.pitches[0] + 15], ==, 127);
  g_assert_cmpuint(data[planar.offsets[1] + 3 * planar.pitches[1] + 7], ==, 1);
  g_assert_cmpuint(data[planar.offsets[2] + 3 * planar.pitches[2] + 7], ==, 2);
  SUCCEEDS(vaUnmapBuffer(d.display, planar.buf));
  SUCCEEDS(vaDestroyImage(d.display, planar.image_id));
  SUCCEEDS(vaDestroySurfaces(d.display, &surface, 1));
  device_terminate(&d);
  device_clear(&d);
}

static void
an_empty_surface_is_not_read(void)
{
  Device d;
  VAImage image;
  VAImageFormat nv12 = { .fourcc = VA_FOURCC_NV12 };
  device_open(&d, NULL, NULL);
  VASurfaceID surface = make_surface(&d, 16, 16);
  SUCCEEDS(vaCreateImage(d.display, &nv12, 16, 16, &image));
  g_assert_cmpint(vaGetImage(d.display, surface, 0, 0, 16, 16, image.image_id), ==,
                  VA_STATUS_ERROR_INVALID_SURFACE);
  SUCCEEDS(vaPutImage(d.display, surface, image.image_id, 0, 0, 16, 16, 0, 0, 16, 16));
  SUCCEEDS(vaGetImage(d.display, surface, 0, 0, 16, 16, image.image_id));
  g_assert_cmpint(vaGetImage(d.display, surface, 8, 0, 16, 16, image.image_id), ==,
                  VA_STATUS_ERROR_INVALID_PARAMETER);
  SUCCEEDS(vaDestroyImage(d.display, image.image_id));
  SUCCEEDS(vaDestroySurfaces(d.display, &surface, 1));
  device_terminate(&d);
  device_clear(&d);
}

static void
pictures_begin_and_end(void)
{
  Device d;
  VAConfigID config;
  VAContextID context;
  device_open(&d, NULL, NULL);
  VASurfaceID surface = make_surface(&d, 16, 16);
  SUCCEEDS(vaCreateConfig(d.display, VAProfileNone, VAEntrypointVideoProc, NULL, 0, &config));
  SUCCEEDS(vaCreateContext(d.display, config, 16, 16, 0, &surface, 1, &context));
  g_assert_cmpint(vaEndPicture(d.display, context), ==, VA_STATUS_ERROR_OPERATION_FAILED);
  SUCCEEDS(vaBeginPicture(d.display, context, surface));
  g_assert_cmpint(vaBeginPicture(d.display, context, surface), ==,
                  VA_STATUS_ERROR_OPERATION_FAILED);
  g_assert_cmpint(vaEndPicture(d.display, context), ==, VA_STATUS_ERROR_INVALID_BUFFER);
  SUCCEEDS(vaDestroyContext(d.display, context));
  SUCCEEDS(vaDestroyConfig(d.display, config));
  SUCCEEDS(vaDestroySurfaces(d.display, &surface, 1));
  device_terminate(&d);
  device_clear(&d);
}

static void
fails_as_planned(void)
{
  Device d;
  device_open(&d, NULL, "vaCreateSurfaces@2=ALLOCATION_FAILED,vaSyncSurface@1+=HW_BUSY");
  VASurfaceID surface = make_surface(&d, 16, 16), other;
  g_assert_cmpint(vaCreateSurfaces(d.display, VA_RT_FORMAT_YUV420, 16, 16, &other, 1, NULL, 0), ==,
                  VA_STATUS_ERROR_ALLOCATION_FAILED);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint(vaSyncSurface(d.display, surface), ==, VA_STATUS_ERROR_HW_BUSY);
  g_assert_cmpuint(device_count(&d, "vaSyncSurface HW_BUSY: as planned"), ==, 3);
  SUCCEEDS(vaDestroySurfaces(d.display, &surface, 1));
  device_terminate(&d);
  device_clear(&d);
}

static void
counts_what_is_forgotten(void)
{
  Device d;
  device_open(&d, NULL, NULL);
  make_surface(&d, 16, 16);
  VASurfaceID surface = make_surface(&d, 16, 16);
  VAImage image;
  SUCCEEDS(vaDeriveImage(d.display, surface, &image));
  device_terminate(&d);
  g_assert_cmpuint(device_count(&d, "leaked 2 surfaces, 1 buffer, 1 image"), ==, 1);
  device_remove(&d);
}

static gpointer
sync_in_thread(gpointer data)
{
  Device *d = data;
  return GINT_TO_POINTER(vaSyncSurface(d->display, 77));
}

static void
hangs_until_resumed(void)
{
  Device d;
  device_open(&d, NULL, "vaSyncSurface@1=hang");
  guint (*resume)(void) = (guint(*)(void)) dlsym(RTLD_DEFAULT, "mg_va_resume");
  g_assert_nonnull(resume);
  GThread *thread = g_thread_new("sync", sync_in_thread, &d);
  VASurfaceID surface = make_surface(&d, 16, 16); /* others go on */
  while (resume() == 0)
    g_thread_yield();
  g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(thread)), ==, VA_STATUS_ERROR_INVALID_SURFACE);
  SUCCEEDS(vaDestroySurfaces(d.display, &surface, 1));
  device_terminate(&d);
  device_clear(&d);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/va-driver/lists-what-the-model-offers", lists_what_the_model_offers);
  g_test_add_func("/va-driver/intel-takes-packed-headers", intel_takes_packed_headers);
  g_test_add_func("/va-driver/refuses-what-is-not-offered", refuses_what_is_not_offered);
  g_test_add_func("/va-driver/tells-ids-apart", tells_ids_apart);
  g_test_add_func("/va-driver/what-is-derived-is-the-surface", what_is_derived_is_the_surface);
  g_test_add_func("/va-driver/an-empty-surface-is-not-read", an_empty_surface_is_not_read);
  g_test_add_func("/va-driver/pictures-begin-and-end", pictures_begin_and_end);
  g_test_add_func("/va-driver/fails-as-planned", fails_as_planned);
  g_test_add_func("/va-driver/counts-what-is-forgotten", counts_what_is_forgotten);
  g_test_add_func("/va-driver/hangs-until-resumed", hangs_until_resumed);
  return g_test_run();
}
