/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The form sqrt(R) cot(t sqrt(R)) g on cotangent vectors, R = R(., v)v, for a parallel curvature tensor [FOCAL-8].

    With E(W) = sqrt(W) cot(sqrt(W)) it is E(t^2 R) g/t. Near 0 E is a power series; E(4W) = E(W) - W E(W)^-1 does the rest, and that E(W) g is
    positive definite on the way is what shows that t is before the first conjugate point.
*/

#include "pencil.h"

/* Square matrices of jets. */
typedef struct
{
    slong m;
    const caustic_jet_shape * shape;
    slong length;   /* of a jet */
    slong prec;
}
ring_struct;

static arb_ptr
entry(arb_ptr a, slong i, slong j, const ring_struct * ring)
{
    return a + (i * ring->m + j) * ring->length;
}

static slong
matrix_length(const ring_struct * ring)
{
    return ring->m * ring->m * ring->length;
}

static void
unpack(arb_ptr res, const arb_ptr * upper, const ring_struct * ring)
{
    slong index = 0;

    for (slong i = 0; i < ring->m; i++)
        for (slong j = i; j < ring->m; j++, index++)
        {
            _arb_vec_set(entry(res, i, j, ring), upper[index], ring->length);
            _arb_vec_set(entry(res, j, i, ring), upper[index], ring->length);
        }
}

/* res = a b, or its upper triangle mirrored where the product is known to be symmetric; no aliasing. */
static void
multiply(arb_ptr res, arb_ptr a, arb_ptr b, int symmetric, const ring_struct * ring)
{
    arb_ptr x = _arb_vec_init(ring->length);

    for (slong i = 0; i < ring->m; i++)
        for (slong j = symmetric ? i : 0; j < ring->m; j++)
        {
            arb_ptr sum = entry(res, i, j, ring);

            _arb_vec_zero(sum, ring->length);
            for (slong k = 0; k < ring->m; k++)
            {
                caustic_jet_mul(x, entry(a, i, k, ring), entry(b, k, j, ring), ring->shape, ring->prec);
                caustic_jet_add(sum, sum, x, ring->shape, ring->prec);
            }
            if (symmetric && j > i)
                _arb_vec_set(entry(res, j, i, ring), sum, ring->length);
        }
    _arb_vec_clear(x, ring->length);
}

/* The inverse of a symmetric matrix by sweeps [GEOMETRY-3]. 0: some pivot is not certainly positive. All positive: positive definite. */
static int
invert_positive(arb_ptr res, arb_ptr a, const ring_struct * ring)
{
    slong m = ring->m, prec = ring->prec;
    arb_ptr pivot = _arb_vec_init(2 * ring->length), x = pivot + ring->length;
    int positive = 1;

    _arb_vec_set(res, a, matrix_length(ring));
    for (slong k = 0; k < m && positive; k++)
    {
        positive = arb_is_positive(entry(res, k, k, ring));
        if (!positive)
            break;
        caustic_jet_inv(pivot, entry(res, k, k, ring), ring->shape, prec);
        for (slong i = 0; i < m; i++)
            for (slong j = i; j < m; j++)
            {
                if (i == k || j == k)
                    continue;
                caustic_jet_mul(x, entry(res, i, k, ring), pivot, ring->shape, prec);
                caustic_jet_mul(x, x, entry(res, k, j, ring), ring->shape, prec);
                caustic_jet_sub(entry(res, i, j, ring), entry(res, i, j, ring), x, ring->shape, prec);
                _arb_vec_set(entry(res, j, i, ring), entry(res, i, j, ring), ring->length);
            }
        for (slong i = 0; i < m; i++)
        {
            if (i == k)
                continue;
            caustic_jet_mul(entry(res, i, k, ring), entry(res, i, k, ring), pivot, ring->shape, prec);
            _arb_vec_set(entry(res, k, i, ring), entry(res, i, k, ring), ring->length);
        }
        _arb_vec_neg(entry(res, k, k, ring), pivot, ring->length);
    }
    _arb_vec_neg(res, res, matrix_length(ring));
    _arb_vec_clear(pivot, 2 * ring->length);
    return positive;
}

/* A norm of the algebra of these matrices: the largest row sum of the sums of all coefficients' sizes. */
static void
norm(mag_t res, arb_ptr a, const ring_struct * ring)
{
    mag_t row, x;

    mag_init(row);
    mag_init(x);
    mag_zero(res);
    for (slong i = 0; i < ring->m; i++)
    {
        mag_zero(row);
        for (slong e = 0; e < ring->m * ring->length; e++)
        {
            arb_get_mag(x, entry(a, i, 0, ring) + e);
            mag_add(row, row, x);
        }
        mag_max(res, res, row);
    }
    mag_clear(row);
    mag_clear(x);
}

/* The coefficient of w^j in 1 - sqrt(w) cot(sqrt(w)): 4^j |B_2j|/(2j)!. */
static void
coefficient(arb_t c, slong j, slong prec)
{
    fmpz_t factorial;

    fmpz_init(factorial);
    arb_bernoulli_ui(c, (ulong) (2 * j), prec);
    arb_abs(c, c);
    arb_mul_2exp_si(c, c, 2 * j);
    fmpz_fac_ui(factorial, (ulong) (2 * j));
    arb_div_fmpz(c, c, factorial, prec);
    fmpz_clear(factorial);
}

/* res = E(W) g, |W| <= size <= 1: the series to as many terms as it takes; the rest is at most 4 (size/9)^terms/(1 - size/9) |g|. */
static void
series(arb_ptr res, arb_ptr w, arb_ptr g, const mag_t size, const ring_struct * ring)
{
    slong terms = 2, length = matrix_length(ring);
    double bits = 3.1 - mag_get_d_log2_approx(size);
    arb_ptr power = _arb_vec_init(2 * length), next = power + length;
    arb_t c;
    mag_t rest, ratio;

    arb_init(c);
    mag_init(rest);
    mag_init(ratio);
    terms += bits > ring->prec ? 0 : (slong) ((double) ring->prec/bits);
    _arb_vec_set(res, g, length);
    _arb_vec_set(power, g, length);
    for (slong j = 1; j < terms; j++)
    {
        multiply(next, w, power, 1, ring);
        _arb_vec_swap(power, next, length);
        coefficient(c, j, ring->prec);
        for (slong e = 0; e < length; e++)
            arb_submul(res + e, power + e, c, ring->prec);
    }
    norm(rest, g, ring);
    mag_div_ui(ratio, size, 9);
    mag_pow_ui(ratio, ratio, (ulong) terms);
    mag_mul(rest, rest, ratio);
    mag_mul_ui(rest, rest, 5); /* 4/(1 - 1/9) < 5 */
    for (slong e = 0; e < length; e++)
        arb_add_error_mag(res + e, rest);
    _arb_vec_clear(power, 2 * length);
    arb_clear(c);
    mag_clear(rest);
    mag_clear(ratio);
}

/* How often t is halved, so that |W| <= 2^-bits; -1: too often. */
#define MOST_HALVINGS 60

static slong
halvings(mag_t size, arb_ptr w, const ring_struct * ring)
{
    slong count;
    double large;

    norm(size, w, ring);
    if (mag_is_inf(size))
        return -1;
    large = mag_get_d_log2_approx(size) + 4 + (double) ring->prec/32;
    count = large <= 0 ? 0 : (slong) (large/2) + 1;
    mag_mul_2exp_si(size, size, -2 * count);
    return count > MOST_HALVINGS || mag_cmp_2exp_si(size, 0) > 0 ? -1 : count;
}

int
cotangent_add(arb_ptr * p, const arb_ptr * g, const arb_ptr * a, slong m, const arb_t t, const caustic_jet_shape * shape, slong prec)
{
    const ring_struct ring = {m, shape, caustic_jet_length(shape), prec};
    slong length = matrix_length(&ring), count, index = 0;
    arb_ptr room = _arb_vec_init(6 * length);
    arb_ptr metric = room, b = room + length, form = room + 2 * length, inverse = room + 3 * length, x = room + 4 * length,
        y = room + 5 * length;
    arb_t s;
    mag_t size;
    int before;

    arb_init(s);
    mag_init(size);
    unpack(metric, g, &ring);
    unpack(b, a, &ring);
    arb_sqr(s, t, prec);
    _arb_vec_scalar_mul(b, b, length, s, prec);
    before = arb_is_positive(t) && invert_positive(inverse, metric, &ring);
    if (before)
    {
        multiply(x, b, inverse, 0, &ring);
        count = halvings(size, x, &ring);
        before = count >= 0;
    }
    if (before)
    {
        _arb_vec_scalar_mul_2exp_si(x, x, length, -2 * count);
        _arb_vec_scalar_mul_2exp_si(b, b, length, -2 * count);
        series(form, x, metric, size, &ring);
        for (slong k = 0; k < count && before; k++)
        {
            before = invert_positive(inverse, form, &ring);
            if (!before)
                break;
            multiply(x, inverse, metric, 0, &ring);
            multiply(y, b, x, 1, &ring);
            _arb_vec_sub(form, form, y, length, prec);
            _arb_vec_scalar_mul_2exp_si(b, b, length, 2);
        }
    }
    if (before)
    {
        _arb_vec_sub(form, form, metric, length, prec);
        arb_inv(s, t, prec);
        _arb_vec_scalar_mul(form, form, length, s, prec);
        for (slong i = 0; i < m; i++)
            for (slong j = i; j < m; j++, index++)
                _arb_vec_add(p[index], p[index], entry(form, i, j, &ring), ring.length, prec);
    }
    _arb_vec_clear(room, 6 * length);
    arb_clear(s);
    mag_clear(size);
    return before;
}

int
pencil_form(arb_mat_t form, const pencil_t pencil, arb_srcptr point, slong prec)
{
    slong m = pencil->size, half = m * (m + 1) / 2, index = 0;
    caustic_jet_shape * shape = caustic_jet_shape_new(1, 0);
    arb_ptr value = _arb_vec_init(3 * half);
    arb_ptr * jet = flint_malloc((size_t) (3 * half) * sizeof(arb_ptr));
    arb_t x;
    int defined;

    arb_init(x);
    for (slong i = 0; i < 3 * half; i++)
        jet[i] = value + i;
    caustic_tape_evaluate_arb(value, pencil->tape, point, prec);
    defined = _arb_vec_is_finite(value, 3 * half)
        && cotangent_add(jet, jet + half, jet + 2 * half, m, pencil->time, shape, prec);
    arb_inv(x, pencil->time, prec);
    for (slong i = 0; i < m; i++)
        for (slong j = i; j < m; j++, index++)
        {
            arb_ptr res = arb_mat_entry(form, i, j);

            arb_mul(res, value + half + index, x, prec);
            arb_add(res, res, value + index, prec);
            arb_set(arb_mat_entry(form, j, i), res);
        }
    _arb_vec_clear(value, 3 * half);
    flint_free(jet);
    caustic_jet_shape_free(shape);
    arb_clear(x);
    return defined && arb_mat_is_finite(form);
}
