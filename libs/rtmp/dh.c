#include "rtmp/dh.h"

#include <string.h>

/* Numbers are of 16 limbs, the lowest first. */
enum { LIMBS = MG_RTMP_DH_BYTES / 8 };

typedef unsigned __int128 Wide;

static const guint64 prime[LIMBS] = {
  G_GUINT64_CONSTANT(0xffffffffffffffff), G_GUINT64_CONSTANT(0x49286651ece65381),
  G_GUINT64_CONSTANT(0xae9f24117c4b1fe6), G_GUINT64_CONSTANT(0xee386bfb5a899fa5),
  G_GUINT64_CONSTANT(0x0bff5cb6f406b7ed), G_GUINT64_CONSTANT(0xf44c42e9a637ed6b),
  G_GUINT64_CONSTANT(0xe485b576625e7ec6), G_GUINT64_CONSTANT(0x4fe1356d6d51c245),
  G_GUINT64_CONSTANT(0x302b0a6df25f1437), G_GUINT64_CONSTANT(0xef9519b3cd3a431b),
  G_GUINT64_CONSTANT(0x514a08798e3404dd), G_GUINT64_CONSTANT(0x020bbea63b139b22),
  G_GUINT64_CONSTANT(0x29024e088a67cc74), G_GUINT64_CONSTANT(0xc4c6628b80dc1cd1),
  G_GUINT64_CONSTANT(0xc90fdaa22168c234), G_GUINT64_CONSTANT(0xffffffffffffffff),
};

/* --- arithmetic -------------------------------------------------------------------------------- */

static gboolean
is_less(const guint64 *a, const guint64 *b)
{
  guint i = LIMBS;
  while (i > 1 && a[i - 1] == b[i - 1])
    i--;
  return a[i - 1] < b[i - 1];
}

static void
subtract_prime(guint64 *a)
{
  guint64 borrow = 0;
  for (guint i = 0; i < LIMBS; i++) {
    Wide difference = (Wide) a[i] - prime[i] - borrow;
    a[i] = (guint64) difference;
    borrow = (guint64) (difference >> 64) & 1;
  }
}

/* a × 2, modulo the prime. */
static void
twice(guint64 *a)
{
  guint64 carry = 0;
  for (guint i = 0; i < LIMBS; i++) {
    guint64 top = a[i] >> 63;
    a[i] = a[i] << 1 | carry;
    carry = top;
  }
  if (carry || !is_less(a, prime))
    subtract_prime(a);
}

/* T += A × B, A being of LIMBS limbs; T has two more. */
static void
add_product(guint64 *t, const guint64 *a, guint64 b)
{
  guint64 carry = 0;
  for (guint i = 0; i < LIMBS; i++) {
    Wide sum = (Wide) a[i] * b + t[i] + carry;
    t[i] = (guint64) sum;
    carry = (guint64) (sum >> 64);
  }
  Wide sum = (Wide) t[LIMBS] + carry;
  t[LIMBS] = (guint64) sum;
  t[LIMBS + 1] += (guint64) (sum >> 64);
}

/*
 * OUT = A × B / 2^1024, modulo the prime (Montgomery). The prime's lowest limb is -1, so what it must be
 * multiplied with to clear the lowest limb of T is just that limb.
 */
static void
multiply(guint64 *out, const guint64 *a, const guint64 *b)
{
  guint64 t[LIMBS + 2] = { 0 };
  for (guint i = 0; i < LIMBS; i++) {
    add_product(t, a, b[i]);
    add_product(t, prime, t[0]);
    memmove(t, t + 1, (LIMBS + 1) * sizeof *t);
    t[LIMBS + 1] = 0;
  }
  memcpy(out, t, LIMBS * sizeof *t);
  if (t[LIMBS] || !is_less(out, prime))
    subtract_prime(out);
}

/* A × 2^1024 and 2^1024 itself, modulo the prime: the form that multiply() works on. */
static void
to_form(guint64 *a)
{
  for (guint i = 0; i < 64 * LIMBS; i++)
    twice(a);
}

static void
from_form(guint64 *a)
{
  static const guint64 one[LIMBS] = { 1 };
  multiply(a, a, one);
}

/* OUT = BASE to the power of EXPONENT, both in form; the exponent's bytes are big-endian. */
static void
power(guint64 *out, const guint64 *base, const guint8 *exponent, gsize size)
{
  guint64 result[LIMBS] = { 1 };
  to_form(result);
  for (gsize i = 0; i < size * 8; i++) {
    multiply(result, result, result);
    if (exponent[i / 8] >> (7 - i % 8) & 1)
      multiply(result, result, base);
  }
  memcpy(out, result, sizeof result);
}

/* --- bytes ------------------------------------------------------------------------------------- */

static void
load(guint64 *a, const guint8 *bytes)
{
  for (guint i = 0; i < LIMBS; i++) {
    a[i] = 0;
    for (guint k = 0; k < 8; k++)
      a[i] = a[i] << 8 | bytes[(LIMBS - 1 - i) * 8 + k];
  }
}

static void
store(guint8 *bytes, const guint64 *a)
{
  for (guint i = 0; i < LIMBS; i++)
    for (guint k = 0; k < 8; k++)
      bytes[(LIMBS - 1 - i) * 8 + k] = (guint8) (a[i] >> (56 - 8 * k));
}

/* --- keys -------------------------------------------------------------------------------------- */

void
mg_rtmp_dh_public(const guint8 secret[MG_RTMP_SECRET_BYTES], guint8 own[MG_RTMP_DH_BYTES])
{
  guint64 a[LIMBS] = { 2 };
  to_form(a);
  power(a, a, secret, MG_RTMP_SECRET_BYTES);
  from_form(a);
  store(own, a);
}

static gboolean
is_one(const guint64 *a)
{
  guint64 rest = a[0] ^ 1;
  for (guint i = 1; i < LIMBS; i++)
    rest |= a[i];
  return rest == 0;
}

/* Whether A, in form, is a power of 2: A to half of the prime less one is 1. */
static gboolean
is_in_group(const guint64 *a)
{
  guint64 half[LIMBS], result[LIMBS];
  guint8 exponent[MG_RTMP_DH_BYTES];
  for (guint i = 0; i < LIMBS; i++)
    half[i] = prime[i] >> 1 | (i + 1 < LIMBS ? prime[i + 1] << 63 : 0);
  store(exponent, half);
  power(result, a, exponent, sizeof exponent);
  from_form(result);
  return is_one(result);
}

gboolean
mg_rtmp_dh_shared(const guint8 secret[MG_RTMP_SECRET_BYTES], const guint8 peer[MG_RTMP_DH_BYTES],
                  guint8 shared[MG_RTMP_DH_BYTES])
{
  guint64 a[LIMBS];
  load(a, peer);
  if (!is_less(a, prime) || is_one(a))
    return FALSE;
  to_form(a);
  if (!is_in_group(a))
    return FALSE;
  power(a, a, secret, MG_RTMP_SECRET_BYTES);
  from_form(a);
  store(shared, a);
  return TRUE;
}
