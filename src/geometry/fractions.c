/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "geometry/fractions.h"

/* Limits of effort, counted, so that a case gives up at the same place everywhere. */
#define NUMERATOR_TERMS 20000
#define NUMERATORS_WORK 3e8

static int
give_up(numerators_t ring, const char * reason)
{
    if (ring->reason == NULL)
        ring->reason = reason;

    return GR_UNABLE;
}

static fmpz_mpoly_ctx_struct *
mctx_of(const numerators_t ring)
{
    return field_mctx(FIELD(ring->field));
}

static int
polynomial_has_generators(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx, slong symbols)
{
    slong variables = fmpz_mpoly_ctx_nvars(mctx);
    int found = 0;

    for (slong v = symbols; v < variables && !found; v++)
        found = fmpz_mpoly_degree_si(p, v, mctx) > 0;

    return found;
}

static int
has_generators(const gr_mat_struct * matrix, gr_ctx_t ctx)
{
    const caustic_field * field = FIELD(ctx);
    int found = 0;

    for (slong i = 0; i < matrix->r && !found; i++)
        for (slong j = 0; j < matrix->c && !found; j++)
        {
            const field_element_struct * x = gr_mat_entry_srcptr(matrix, i, j, ctx);
            const fmpz_mpoly_ctx_struct * mctx = field->levels[x->level];

            found = polynomial_has_generators(fmpz_mpoly_q_numref(x->value), mctx, field->symbols_length)
                || polynomial_has_generators(fmpz_mpoly_q_denref(x->value), mctx, field->symbols_length);
        }

    return found;
}

void
numerators_init(numerators_t ring, gr_ctx_t field, slong variables, const gr_mat_struct * const * matrices, slong length)
{
    ring->field = field;
    ring->variables = variables;
    ring->polynomial = 1;
    ring->work = 0.0;
    ring->work_limit = NUMERATORS_WORK;
    ring->terms_limit = NUMERATOR_TERMS;
    ring->reason = NULL;

    for (slong i = 0; i < length; i++)
        ring->polynomial = ring->polynomial && !has_generators(matrices[i], field);

    if (ring->polynomial)
        gr_ctx_init_fmpz_mpoly(ring->polynomials, fmpz_mpoly_ctx_nvars(mctx_of(ring)), fmpz_mpoly_ctx_ord(mctx_of(ring)));

    ring->ring = ring->polynomial ? ring->polynomials : field;
}

void
numerators_clear(numerators_t ring)
{
    if (ring->polynomial)
        gr_ctx_clear(ring->polynomials);
}

/* Whether a product of polynomials is within the limits; it is counted. */
static int
afford(gr_srcptr a, gr_srcptr b, numerators_t ring)
{
    double terms;

    if (!ring->polynomial)
        return GR_SUCCESS;

    terms = (double) fmpz_mpoly_length(a, mctx_of(ring)) * (double) fmpz_mpoly_length(b, mctx_of(ring));
    ring->work += 4.0 + terms;

    if (fmpz_mpoly_length(a, mctx_of(ring)) > ring->terms_limit || fmpz_mpoly_length(b, mctx_of(ring)) > ring->terms_limit)
        return give_up(ring, "a numerator has too many terms");
    if (ring->work > ring->work_limit)
        return give_up(ring, "too many products of terms would be needed");
    return GR_SUCCESS;
}

static int
multiply(gr_ptr res, gr_srcptr a, gr_srcptr b, numerators_t ring)
{
    int status = afford(a, b, ring);

    return (status == GR_SUCCESS) ? gr_mul(res, a, b, ring->ring) : status;
}

/* Only what is 0 by its form is skipped: exact, and no zero test is needed. */
static int
is_plainly_zero(gr_srcptr a, const numerators_t ring)
{
    const field_element_struct * x = a;

    if (ring->polynomial)
        return fmpz_mpoly_is_zero(a, mctx_of(ring));

    return fmpz_mpoly_is_zero(fmpz_mpoly_q_numref(x->value), FIELD(ring->field)->levels[x->level]);
}

int
numerators_add_product(gr_ptr res, gr_srcptr a, gr_srcptr b, int sign, numerators_t ring)
{
    gr_ptr product;
    int status;

    if (is_plainly_zero(a, ring) || is_plainly_zero(b, ring))
        return GR_SUCCESS;

    GR_TMP_INIT(product, ring->ring);
    status = multiply(product, a, b, ring);
    if (status == GR_SUCCESS)
        status |= (sign > 0) ? gr_add(res, res, product, ring->ring) : gr_sub(res, res, product, ring->ring);
    GR_TMP_CLEAR(product, ring->ring);
    return status;
}

/* Sets g to the greatest common divisor. */
static int
common_divisor(gr_ptr g, gr_srcptr a, gr_srcptr b, numerators_t ring)
{
    int status = afford(a, b, ring);

    if (status == GR_SUCCESS && !fmpz_mpoly_gcd(g, a, b, mctx_of(ring)))
        status = give_up(ring, "no greatest common divisor was found");

    return status;
}

static int
divide_exactly(gr_ptr a, gr_srcptr g, numerators_t ring)
{
    if (is_plainly_zero(a, ring) || fmpz_mpoly_is_one(g, mctx_of(ring)))
        return GR_SUCCESS;

    return fmpz_mpoly_divides(a, a, g, mctx_of(ring)) ? GR_SUCCESS : give_up(ring, "a division was not exact");
}

void
fractions_init(fractions_t f, slong length, numerators_t ring)
{
    f->length = length;
    f->numerator = gr_heap_init_vec(FLINT_MAX(length, 1), ring->ring);
    f->denominator = gr_heap_init(ring->ring);
    GR_MUST_SUCCEED(gr_one(f->denominator, ring->ring));
}

void
fractions_clear(fractions_t f, numerators_t ring)
{
    gr_heap_clear_vec(f->numerator, FLINT_MAX(f->length, 1), ring->ring);
    gr_heap_clear(f->denominator, ring->ring);
}

gr_ptr
fractions_numerator(const fractions_t f, slong i, const numerators_t ring)
{
    return GR_ENTRY(f->numerator, i, ring->ring->sizeof_elem);
}

/* Multiplies the first `length` numerators and the denominator. */
static int
expand_by(fractions_t f, slong length, gr_srcptr factor, numerators_t ring)
{
    int status = GR_SUCCESS;

    for (slong i = 0; i < length && status == GR_SUCCESS; i++)
        if (!is_plainly_zero(fractions_numerator(f, i, ring), ring))
            status |= multiply(fractions_numerator(f, i, ring), fractions_numerator(f, i, ring), factor, ring);

    if (status == GR_SUCCESS)
        status |= multiply(f->denominator, f->denominator, factor, ring);

    return status;
}

/* The factors by which two denominators become their least common multiple. */
static int
missing_factors(gr_ptr of_f, gr_ptr of_g, gr_srcptr f, gr_srcptr g, numerators_t ring)
{
    gr_ptr common;
    int status;

    if (!ring->polynomial)
        return gr_one(of_f, ring->ring) | gr_one(of_g, ring->ring);

    GR_TMP_INIT(common, ring->ring);
    status = common_divisor(common, f, g, ring);
    status |= gr_set(of_f, g, ring->ring);
    status |= gr_set(of_g, f, ring->ring);
    if (status == GR_SUCCESS)
        status |= divide_exactly(of_f, common, ring);
    if (status == GR_SUCCESS)
        status |= divide_exactly(of_g, common, ring);
    GR_TMP_CLEAR(common, ring->ring);
    return status;
}

/* The first `place` entries are set; puts x at that place. */
static int
set_entry(fractions_t f, slong place, const field_element_struct * x, numerators_t ring)
{
    gr_ptr entry = fractions_numerator(f, place, ring), of_f, of_x;
    field_operand_t value;
    int status = GR_SUCCESS;

    if (!ring->polynomial)
        return gr_set(entry, x, ring->ring);

    GR_TMP_INIT2(of_f, of_x, ring->ring);
    field_operand_open(value, x, FIELD(ring->field));
    fmpz_mpoly_set(entry, fmpz_mpoly_q_numref(value->q), mctx_of(ring));

    if (!fmpz_mpoly_equal(f->denominator, fmpz_mpoly_q_denref(value->q), mctx_of(ring)))
    {
        status |= missing_factors(of_f, of_x, f->denominator, fmpz_mpoly_q_denref(value->q), ring);
        if (status == GR_SUCCESS)
            status |= multiply(entry, entry, of_x, ring);
        if (status == GR_SUCCESS && !fmpz_mpoly_is_one(of_f, mctx_of(ring)))
            status |= expand_by(f, place, of_f, ring);
    }

    field_operand_close(value, FIELD(ring->field));
    GR_TMP_CLEAR2(of_f, of_x, ring->ring);
    return status;
}

int
fractions_set_matrix(fractions_t f, slong start, const gr_mat_t matrix, numerators_t ring)
{
    int status = (start == 0) ? gr_one(f->denominator, ring->ring) : GR_SUCCESS;

    for (slong i = 0; i < matrix->r && status == GR_SUCCESS; i++)
        for (slong j = 0; j < matrix->c && status == GR_SUCCESS; j++)
            status |= set_entry(f, start + i * matrix->c + j, gr_mat_entry_srcptr(matrix, i, j, ring->field), ring);

    return status;
}

int
fractions_get(gr_ptr res, const fractions_t f, slong i, numerators_t ring)
{
    if (!ring->polynomial)
        return gr_set(res, fractions_numerator(f, i, ring), ring->field);

    field_element_set_polynomials(res, fractions_numerator(f, i, ring), f->denominator, FIELD(ring->field));
    return GR_SUCCESS;
}

int
fractions_get_matrix(gr_mat_t matrix, const fractions_t f, numerators_t ring)
{
    int status = GR_SUCCESS;

    for (slong i = 0; i < matrix->r && status == GR_SUCCESS; i++)
        for (slong j = 0; j < matrix->c && status == GR_SUCCESS; j++)
            status |= fractions_get(gr_mat_entry_ptr(matrix, i, j, ring->field), f, i * matrix->c + j, ring);

    return status;
}

int
fractions_reduce(fractions_t f, numerators_t ring)
{
    gr_ptr common;
    int status = GR_SUCCESS;

    if (!ring->polynomial)
        return status;

    GR_TMP_INIT(common, ring->ring);
    status |= gr_set(common, f->denominator, ring->ring);

    for (slong i = 0; i < f->length && status == GR_SUCCESS && !fmpz_mpoly_is_one(common, mctx_of(ring)); i++)
        if (!is_plainly_zero(fractions_numerator(f, i, ring), ring))
            status |= common_divisor(common, common, fractions_numerator(f, i, ring), ring);

    for (slong i = 0; i < f->length && status == GR_SUCCESS; i++)
        status |= divide_exactly(fractions_numerator(f, i, ring), common, ring);
    if (status == GR_SUCCESS)
        status |= divide_exactly(f->denominator, common, ring);

    GR_TMP_CLEAR(common, ring->ring);
    return status;
}

int
fractions_add(fractions_t res, const fractions_t f, const fractions_t g, int sign, numerators_t ring)
{
    gr_ptr of_f, of_g, sum, denominator;
    int status;

    GR_TMP_INIT4(of_f, of_g, sum, denominator, ring->ring);
    status = missing_factors(of_f, of_g, f->denominator, g->denominator, ring);
    if (status == GR_SUCCESS)
        status |= multiply(denominator, f->denominator, of_f, ring);

    for (slong i = 0; i < f->length && status == GR_SUCCESS; i++)
    {
        status |= gr_zero(sum, ring->ring);
        status |= numerators_add_product(sum, fractions_numerator(f, i, ring), of_f, 1, ring);
        status |= numerators_add_product(sum, fractions_numerator(g, i, ring), of_g, sign, ring);
        gr_swap(fractions_numerator(res, i, ring), sum, ring->ring);
    }

    gr_swap(res->denominator, denominator, ring->ring);
    GR_TMP_CLEAR4(of_f, of_g, sum, denominator, ring->ring);
    return status;
}

int
fractions_divide_ui(fractions_t f, ulong c, numerators_t ring)
{
    int status = GR_SUCCESS;

    if (ring->polynomial)
        return gr_mul_ui(f->denominator, f->denominator, c, ring->ring);

    for (slong i = 0; i < f->length; i++)
        status |= gr_div_ui(fractions_numerator(f, i, ring), fractions_numerator(f, i, ring), c, ring->ring);

    return status;
}

static int
derivative(gr_ptr res, gr_srcptr x, slong k, numerators_t ring)
{
    if (!ring->polynomial)
        return caustic_field_derivative(res, x, k, ring->field);

    fmpz_mpoly_derivative(res, x, k, mctx_of(ring));
    return GR_SUCCESS;
}

/* For derivatives: (N/D)' = (N' R - N D'/C)/(D R) with C = gcd(D, d_1 D, ..., d_n D) and R = D/C. */
typedef struct
{
    gr_ptr radical; /* R */
    gr_ptr slopes;  /* d_k D/C; none where the functions are elements over 1 */
}
differential_struct;

static int
differential_init(differential_struct * differential, const fractions_t f, numerators_t ring)
{
    slong n = ring->variables;
    gr_ptr common;
    int status = GR_SUCCESS;

    differential->radical = gr_heap_init(ring->ring);
    differential->slopes = gr_heap_init_vec(n, ring->ring);
    status |= gr_one(differential->radical, ring->ring);
    if (!ring->polynomial)
        return status;

    GR_TMP_INIT(common, ring->ring);
    status |= gr_set(differential->radical, f->denominator, ring->ring);
    status |= gr_set(common, f->denominator, ring->ring);

    for (slong k = 0; k < n && status == GR_SUCCESS; k++)
    {
        gr_ptr entry = GR_ENTRY(differential->slopes, k, ring->ring->sizeof_elem);

        status |= derivative(entry, f->denominator, k, ring);
        if (!is_plainly_zero(entry, ring))
            status |= common_divisor(common, common, entry, ring);
    }
    for (slong k = 0; k < n && status == GR_SUCCESS; k++)
        status |= divide_exactly(GR_ENTRY(differential->slopes, k, ring->ring->sizeof_elem), common, ring);
    if (status == GR_SUCCESS)
        status |= divide_exactly(differential->radical, common, ring);

    GR_TMP_CLEAR(common, ring->ring);
    return status;
}

static void
differential_clear(differential_struct * differential, numerators_t ring)
{
    gr_heap_clear(differential->radical, ring->ring);
    gr_heap_clear_vec(differential->slopes, ring->variables, ring->ring);
}

/* res += the numerator of d_k f[i] over D R */
static int
add_slope(gr_ptr res, const fractions_t f, slong i, slong k, const differential_struct * differential, numerators_t ring)
{
    gr_ptr slope;
    int status;

    GR_TMP_INIT(slope, ring->ring);
    status = derivative(slope, fractions_numerator(f, i, ring), k, ring);
    if (status == GR_SUCCESS)
        status |= numerators_add_product(res, slope, differential->radical, 1, ring);
    if (status == GR_SUCCESS && ring->polynomial)
        status |= numerators_add_product(res, fractions_numerator(f, i, ring),
            GR_ENTRY(differential->slopes, k, ring->ring->sizeof_elem), -1, ring);
    GR_TMP_CLEAR(slope, ring->ring);
    return status;
}

static int
finish_derivatives(fractions_t res, const fractions_t f, const differential_struct * differential, numerators_t ring)
{
    int status = multiply(res->denominator, f->denominator, differential->radical, ring);

    return (status == GR_SUCCESS) ? fractions_reduce(res, ring) : status;
}

int
fractions_gradient(fractions_t res, const fractions_t f, numerators_t ring)
{
    slong n = ring->variables;
    differential_struct differential;
    int status = differential_init(&differential, f, ring);

    for (slong i = 0; i < f->length && status == GR_SUCCESS; i++)
        for (slong k = 0; k < n && status == GR_SUCCESS; k++)
        {
            status |= gr_zero(fractions_numerator(res, i * n + k, ring), ring->ring);
            status |= add_slope(fractions_numerator(res, i * n + k, ring), f, i, k, &differential, ring);
        }

    if (status == GR_SUCCESS)
        status |= finish_derivatives(res, f, &differential, ring);
    differential_clear(&differential, ring);
    return status;
}

int
fractions_divergence(fractions_t res, const fractions_t f, slong outer, slong inner, numerators_t ring)
{
    slong n = ring->variables;
    differential_struct differential;
    int status = differential_init(&differential, f, ring);

    for (slong o = 0; o < outer && status == GR_SUCCESS; o++)
        for (slong i = 0; i < inner && status == GR_SUCCESS; i++)
        {
            status |= gr_zero(fractions_numerator(res, o * inner + i, ring), ring->ring);
            for (slong k = 0; k < n && status == GR_SUCCESS; k++)
                status |= add_slope(fractions_numerator(res, o * inner + i, ring), f, (o * n + k) * inner + i, k, &differential, ring);
        }

    if (status == GR_SUCCESS)
        status |= finish_derivatives(res, f, &differential, ring);
    differential_clear(&differential, ring);
    return status;
}

int
fractions_set_product_denominator(fractions_t res, const fractions_t f, const fractions_t g, numerators_t ring)
{
    return multiply(res->denominator, f->denominator, g->denominator, ring);
}

int
fractions_contract(fractions_t res, const fractions_t matrix, const fractions_t t, slong d, slong outer, slong inner,
    numerators_t ring)
{
    int status = fractions_set_product_denominator(res, matrix, t, ring);

    for (slong o = 0; o < outer && status == GR_SUCCESS; o++)
        for (slong b = 0; b < d; b++)
            for (slong n = 0; n < inner; n++)
            {
                gr_ptr sum = fractions_numerator(res, (o * d + b) * inner + n, ring);

                status |= gr_zero(sum, ring->ring);
                for (slong c = 0; c < d && status == GR_SUCCESS; c++)
                    status |= numerators_add_product(sum, fractions_numerator(matrix, b * d + c, ring),
                        fractions_numerator(t, (o * d + c) * inner + n, ring), 1, ring);
            }

    return (status == GR_SUCCESS) ? fractions_reduce(res, ring) : status;
}

truth_t
fractions_is_zero(const fractions_t f, numerators_t ring)
{
    truth_t zero = T_TRUE;

    for (slong i = 0; i < f->length && zero != T_FALSE; i++)
        if (!is_plainly_zero(fractions_numerator(f, i, ring), ring))
            zero = truth_and(zero, ring->polynomial ? T_FALSE : gr_is_zero(fractions_numerator(f, i, ring), ring->ring));

    return zero;
}
