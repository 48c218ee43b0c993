/* A plain C program's use of the C interface, on a model that the C++ test made: relu(x w^T + b) v^T with x of
 * (batch, 4), 8 hidden values and 2 results. Returns NULL, or what went wrong. */
#include "use_c_api.h"

#include <stdlib.h>
#include <string.h>

#define EXPECT(condition) \
  if (!(condition)) return #condition
#define EXPECT_TEXT(error, expected) \
  if (strcmp((error).text, expected) != 0) return memcpy(wrong, (error).text, sizeof wrong)

static char wrong[508];

static const char* describe(const TenonModel* model) {
  TenonTensorInfo info;
  TenonError error;
  size_t count = 0;
  EXPECT(tenon_c_api_version() == TENON_C_API_VERSION && tenon_version() != NULL);
  EXPECT(tenon_function_count(model) == 1 && strcmp(tenon_function_name(model, 0), "forward") == 0);
  EXPECT(tenon_function_name(model, 1) == NULL);
  EXPECT(tenon_label_count(model) == 2 && strcmp(tenon_label(model, 1), "dog") == 0 && tenon_label(model, 2) == NULL);
  EXPECT(strcmp(tenon_metadata(model, "license"), "Apache-2.0") == 0 && tenon_metadata(model, "author") == NULL);
  EXPECT(tenon_metadata_count(model) == 1 && strcmp(tenon_metadata_key(model, 0), "license") == 0);
  EXPECT(tenon_input_count(model, NULL, &count, &error) == TENON_OK && count == 1);
  EXPECT(tenon_output_count(model, "forward", &count, NULL) == TENON_OK && count == 1);
  info.struct_size = sizeof info;
  EXPECT(tenon_input_info(model, NULL, 0, &info, &error) == TENON_OK);
  EXPECT(strcmp(info.name, "x") == 0 && info.dtype == TENON_FLOAT32 && info.ndim == 2);
  EXPECT(info.sizes[0] == -1 && info.sizes[1] == 4 && strcmp(info.size_texts[0], "batch") == 0);
  EXPECT(tenon_output_info(model, "forward", 0, &info, &error) == TENON_OK);
  EXPECT(strcmp(info.name, "y") == 0 && info.sizes[1] == 2 && strcmp(info.size_texts[1], "2") == 0);
  EXPECT(strcmp(tenon_dtype_name(info.dtype), "float32") == 0 && tenon_dtype_size(info.dtype) == 4);
  EXPECT(tenon_dtype_name(99) == NULL && tenon_dtype_size(-1) == 0);

  EXPECT(tenon_input_info(model, NULL, 7, &info, &error) == TENON_ERROR_ARGUMENT);
  EXPECT_TEXT(error, "forward has 1 inputs, and number 7 was asked for");
  EXPECT(tenon_input_info(model, "backward", 0, &info, &error) == TENON_ERROR_ARGUMENT);
  EXPECT_TEXT(error, "the model has no function 'backward'; there is 'forward'");
  EXPECT(tenon_input_info(NULL, NULL, 0, &info, &error) == TENON_ERROR_ARGUMENT);
  info.struct_size = 0;
  EXPECT(tenon_input_info(model, NULL, 0, &info, &error) == TENON_ERROR_ARGUMENT);
  return NULL;
}

/* What is wrong with an input or the room for an output has a code and a text, and the session goes on. */
static const char* misuse(TenonSession* session, const float* x) {
  static const int64_t sizes[] = {3, 4}, wide[] = {3, 5}, negative[] = {-3, 4};
  static const int64_t huge[] = {INT64_MAX, 4}, flat[] = {12}, far[] = {INT64_MAX, 1};
  TenonTensor good, in, out;
  TenonError error;
  float place[6];
  memset(&good, 0, sizeof good);
  good.data = (void*)x;
  good.bytes = 12 * sizeof *x;
  good.dtype = TENON_FLOAT32;
  good.ndim = 2;
  good.sizes = sizes;

  EXPECT(tenon_run(NULL, &good, 1, NULL, 0, &error) == TENON_ERROR_ARGUMENT);
  EXPECT(tenon_run(session, NULL, 1, NULL, 0, &error) == TENON_ERROR_ARGUMENT);
  EXPECT(tenon_run(session, &good, 1, NULL, 1, &error) == TENON_ERROR_ARGUMENT);
  EXPECT(tenon_run(session, &good, 2, NULL, 0, &error) == TENON_ERROR_ARGUMENT);
  EXPECT_TEXT(error, "forward takes 1 inputs (x), and 2 came");
  in = good, in.sizes = wide, in.bytes = 60;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_SHAPE);
  in = good, in.sizes = negative;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_SHAPE);
  in = good, in.sizes = huge;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_SHAPE);
  in = good, in.sizes = flat, in.ndim = 1;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_SHAPE);
  in = good, in.ndim = -1;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_SHAPE);
  in = good, in.sizes = NULL;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_ARGUMENT);
  in = good, in.dtype = TENON_INT32;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, &error) == TENON_ERROR_DTYPE);
  EXPECT_TEXT(error, "forward: the input 'x' is int32, and must be float32; convert it first");
  in = good, in.dtype = 77;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_DTYPE);
  in = good, in.bytes = 47;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, &error) == TENON_ERROR_ARGUMENT);
  EXPECT_TEXT(error, "forward: the input 'x' has 47 bytes, and its sizes need 48");
  in = good, in.strides = far;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_SHAPE);
  in = good, in.data = NULL;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, NULL) == TENON_ERROR_ARGUMENT);
  memset(&out, 0, sizeof out);
  out.data = place, out.bytes = 23;
  EXPECT(tenon_run(session, &good, 1, &out, 1, &error) == TENON_ERROR_ARGUMENT);
  EXPECT_TEXT(error, "forward: output 0, (3, 2) float32, needs 24 bytes, and the memory for it has 23");
  out.bytes = 24;
  EXPECT(tenon_run(session, &good, 1, &out, 1, &error) == TENON_OK && error.code == TENON_OK && error.text[0] == 0);
  EXPECT(out.data == place && out.bytes == 24 && out.ndim == 2 && out.sizes[0] == 3 && out.strides[0] == 2);
  return NULL;
}

static const char* use_slots(TenonSession* session) {
  TenonError error;
  size_t bytes = 0;
  EXPECT(tenon_session_reset(session, &error) == TENON_OK);
  EXPECT(tenon_session_slot_bytes(session, "sum", &bytes, &error) == TENON_ERROR_ARGUMENT);
  EXPECT_TEXT(error, "forward: there is no slot 'sum'; it has none");
  EXPECT(tenon_session_get_slot(session, NULL, &bytes, 1, NULL) == TENON_ERROR_ARGUMENT);
  EXPECT(tenon_session_set_slot(NULL, "sum", &bytes, 1, NULL) == TENON_ERROR_ARGUMENT);
  EXPECT(tenon_session_reset(NULL, NULL) == TENON_ERROR_ARGUMENT);
  return NULL;
}

static long live;
static void* take(void* user, size_t bytes, size_t alignment) {
  *(long*)user += (long)bytes;
  return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}
static void give_back(void* user, void* data, size_t bytes) {
  *(long*)user -= (long)bytes;
  free(data);
}

const char* use_c_api(TenonModel* model, const float* x, const float* expected) {
  static const int64_t sizes[] = {3, 4}, turned[] = {1, 3};
  TenonSessionOptions options;
  TenonSession* session = NULL;
  TenonTensor in, out;
  TenonError error;
  float columns[12];
  const char* wrong_part;
  int i, j;
  memset(&in, 0, sizeof in);
  memset(&out, 0, sizeof out);
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.allocator.allocate = take;
  options.allocator.deallocate = give_back;
  options.allocator.user = &live;
  if ((wrong_part = describe(model)) != NULL) return wrong_part;
  EXPECT(tenon_session_create(model, "backward", NULL, &session, &error) == TENON_ERROR_ARGUMENT && session == NULL);
  EXPECT(tenon_session_create(NULL, NULL, NULL, &session, &error) == TENON_ERROR_ARGUMENT);
  EXPECT(tenon_session_create(model, NULL, &options, &session, &error) == TENON_OK);
  tenon_close(model); /* the session goes on */
  EXPECT(tenon_session_output(session, 0, &out, &error) == TENON_ERROR_ARGUMENT);
  EXPECT_TEXT(error, "forward: no run has made outputs yet");
  if ((wrong_part = misuse(session, x)) != NULL) return wrong_part;
  in.data = (void*)x;
  in.bytes = 12 * sizeof *x;
  in.dtype = TENON_FLOAT32;
  in.ndim = 2;
  in.sizes = sizes;
  EXPECT(tenon_run(session, &in, 1, NULL, 0, &error) == TENON_OK);
  EXPECT(tenon_session_output(session, 0, &out, &error) == TENON_OK && out.bytes == 24);
  EXPECT(memcmp(out.data, expected, 24) == 0);
  EXPECT(tenon_session_output(session, 1, &out, &error) == TENON_ERROR_ARGUMENT);
  for (i = 0; i < 3; ++i) {
    for (j = 0; j < 4; ++j) columns[j * 3 + i] = x[i * 4 + j];
  }
  in.data = columns, in.strides = turned;
  memset(&out, 0, sizeof out);
  EXPECT(tenon_run(session, &in, 1, &out, 1, &error) == TENON_OK && memcmp(out.data, expected, 24) == 0);
  if ((wrong_part = use_slots(session)) != NULL) return wrong_part;
  EXPECT(live > 0);
  tenon_session_destroy(session);
  tenon_session_destroy(NULL);
  tenon_close(NULL);
  EXPECT(live == 0);

  EXPECT(tenon_open("/nowhere/at.all", NULL, &model, &error) == TENON_ERROR_FILE && model == NULL);
  EXPECT(strlen(error.text) > 0);
  EXPECT(tenon_open(NULL, NULL, &model, &error) == TENON_ERROR_ARGUMENT);
  EXPECT_TEXT(error, "tenon_open: path is NULL");
  EXPECT(tenon_open("x", NULL, NULL, &error) == TENON_ERROR_ARGUMENT);
  EXPECT(tenon_open_memory("not a model", 11, NULL, &model, &error) == TENON_ERROR_FILE);
  return NULL;
}
