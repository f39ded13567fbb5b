/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The field as a generic ring of FLINT.
*/

#include "field_internal.h"

static int ring_ctx_write(gr_stream_t out, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status = gr_stream_write(out, "Functions on a box in");
    slong k;
    for (k = 0; k < field->symbols_length; k++)
    {
        status |= gr_stream_write(out, k == 0 ? " " : ", ");
        status |= gr_stream_write(out, caustic_expr_name(field->pool, field->symbols[k]));
    }
    return status;
}

static void ring_ctx_clear(gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong k;
    field_generators_clear(field);
    for (k = 0; k < field->symbols_length; k++)
    {
        caustic_interval_clear(field->domains + k);
    }
    for (k = 0; k < field->levels_length; k++)
    {
        fmpz_mpoly_ctx_clear(field->levels[k]);
        flint_free(field->levels[k]);
    }
    flint_free(field->levels);
    flint_free(field->symbols);
    flint_free(field->domains);
    flint_free(field);
}

static truth_t ring_true(gr_ctx_t ctx)
{
    (void) ctx;
    return T_TRUE;
}

static truth_t ring_false(gr_ctx_t ctx)
{
    (void) ctx;
    return T_FALSE;
}

/* Quotients of analytic functions on the box are a field; with functions that are analytic on
   parts of it only there may be zero divisors. [FIELD-1] */
static truth_t ring_is_field(gr_ctx_t ctx)
{
    return FIELD(ctx)->all_regular ? T_TRUE : T_UNKNOWN;
}

static void ring_init(field_element_struct * x, gr_ctx_t ctx)
{
    field_element_init(x, FIELD(ctx));
}

static void ring_clear(field_element_struct * x, gr_ctx_t ctx)
{
    field_element_clear(x, FIELD(ctx));
}

static void ring_swap(field_element_struct * x, field_element_struct * y, gr_ctx_t ctx)
{
    field_element_struct t = *x;
    (void) ctx;
    *x = *y;
    *y = t;
}

static void ring_set_shallow(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    (void) ctx;
    *res = *x;
}

static int ring_write(gr_stream_t out, const field_element_struct * x, gr_ctx_t ctx)
{
    return gr_stream_write_free(out, caustic_expr_string(FIELD(ctx)->pool, caustic_field_get_expr(x, ctx)));
}

static int ring_set(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    field_element_set(res, x, FIELD(ctx));
    return GR_SUCCESS;
}

static int ring_set_fmpq(field_element_struct * res, const fmpq_t c, gr_ctx_t ctx)
{
    field_set_fmpq(res, c, FIELD(ctx));
    return GR_SUCCESS;
}

static int ring_set_fmpz(field_element_struct * res, const fmpz_t c, gr_ctx_t ctx)
{
    fmpq_t t;
    fmpq_init(t);
    fmpq_set_fmpz(t, c);
    field_set_fmpq(res, t, FIELD(ctx));
    fmpq_clear(t);
    return GR_SUCCESS;
}

static int ring_set_si(field_element_struct * res, slong c, gr_ctx_t ctx)
{
    fmpz_t t;
    fmpz_init_set_si(t, c);
    (void) ring_set_fmpz(res, t, ctx);
    fmpz_clear(t);
    return GR_SUCCESS;
}

static int ring_set_ui(field_element_struct * res, ulong c, gr_ctx_t ctx)
{
    fmpz_t t;
    fmpz_init_set_ui(t, c);
    (void) ring_set_fmpz(res, t, ctx);
    fmpz_clear(t);
    return GR_SUCCESS;
}

static int ring_zero(field_element_struct * res, gr_ctx_t ctx)
{
    return ring_set_si(res, 0, ctx);
}

static int ring_one(field_element_struct * res, gr_ctx_t ctx)
{
    return ring_set_si(res, 1, ctx);
}

static int ring_neg_one(field_element_struct * res, gr_ctx_t ctx)
{
    return ring_set_si(res, -1, ctx);
}

static int ring_randtest(field_element_struct * res, flint_rand_t state, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    fmpz_mpoly_q_t t;
    slong length = (slong) n_randint(state, 4);
    int status = GR_SUCCESS;
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    fmpz_mpoly_q_init(t, mctx);
    /* few terms in the variables in use; spare ones must stay out */
    if (field_variables(field) == fmpz_mpoly_ctx_nvars(mctx) && field->generators_length == 0)
    {
        fmpz_mpoly_q_randtest(t, state, length, 5, 3, mctx);
    }
    else
    {
        slong i, v;
        ulong * exponents = flint_calloc(fmpz_mpoly_ctx_nvars(mctx), sizeof(ulong));
        for (i = 0; i < length; i++)
        {
            for (v = 0; v < field_variables(field); v++)
            {
                exponents[v] = n_randint(state, 5) == 0;
            }
            fmpz_mpoly_push_term_si_ui(fmpz_mpoly_q_numref(t), 1 + (slong) n_randint(state, 7) * (n_randint(state, 2) ? 1 : -1), exponents, mctx);
        }
        fmpz_mpoly_sort_terms(fmpz_mpoly_q_numref(t), mctx);
        fmpz_mpoly_combine_like_terms(fmpz_mpoly_q_numref(t), mctx);
        fmpz_mpoly_set_si(fmpz_mpoly_q_denref(t), 1 + (slong) n_randint(state, 5), mctx);
        fmpz_mpoly_q_canonicalise(t, mctx);
        flint_free(exponents);
    }
    field_element_store(res, t, field);
    fmpz_mpoly_q_clear(t, mctx);
    return status;
}

static truth_t ring_is_zero(const field_element_struct * x, gr_ctx_t ctx)
{
    return caustic_field_is_zero(x, NULL, ctx);
}

static truth_t ring_equal(const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    truth_t equal = T_UNKNOWN;
    field_element_t t;
    if (field_element_same(x, y, field))
    {
        return T_TRUE;
    }
    field_element_init(t, field);
    if (field_sub(t, x, y, ctx) == GR_SUCCESS)
    {
        equal = caustic_field_is_zero(t, NULL, ctx);
    }
    field_element_clear(t, field);
    return equal;
}

static truth_t equal_si(const field_element_struct * x, slong c, gr_ctx_t ctx)
{
    truth_t equal;
    field_element_t t;
    field_element_init(t, FIELD(ctx));
    (void) ring_set_si(t, c, ctx);
    equal = ring_equal(x, t, ctx);
    field_element_clear(t, FIELD(ctx));
    return equal;
}

static truth_t ring_is_one(const field_element_struct * x, gr_ctx_t ctx)
{
    return equal_si(x, 1, ctx);
}

static truth_t ring_is_neg_one(const field_element_struct * x, gr_ctx_t ctx)
{
    return equal_si(x, -1, ctx);
}

static int ring_sqr(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    return field_mul(res, x, x, ctx);
}

static int ring_mul_fmpz(field_element_struct * res, const field_element_struct * x, const fmpz_t c, gr_ctx_t ctx)
{
    fmpq_t t;
    int status;
    fmpq_init(t);
    fmpq_set_fmpz(t, c);
    status = field_mul_fmpq(res, x, t, ctx);
    fmpq_clear(t);
    return status;
}

static int ring_mul_si(field_element_struct * res, const field_element_struct * x, slong c, gr_ctx_t ctx)
{
    fmpz_t t;
    int status;
    fmpz_init_set_si(t, c);
    status = ring_mul_fmpz(res, x, t, ctx);
    fmpz_clear(t);
    return status;
}

static int ring_pow_ui(field_element_struct * res, const field_element_struct * x, ulong k, gr_ctx_t ctx)
{
    return k > WORD_MAX ? GR_UNABLE : field_pow_si(res, x, (slong) k, ctx);
}

static truth_t ring_is_invertible(const field_element_struct * x, gr_ctx_t ctx)
{
    field_element_t t;
    int status;
    field_element_init(t, FIELD(ctx));
    status = field_inv(t, x, ctx);
    field_element_clear(t, FIELD(ctx));
    return status == GR_SUCCESS ? T_TRUE : status == GR_DOMAIN ? T_FALSE : T_UNKNOWN;
}

#define METHOD(function) ((gr_funcptr) (void (*)(void)) (function))

static void methods_init(gr_funcptr * methods)
{
    gr_method_tab_input input[] =
    {
        {GR_METHOD_CTX_WRITE, METHOD(ring_ctx_write)},
        {GR_METHOD_CTX_CLEAR, METHOD(ring_ctx_clear)},
        {GR_METHOD_CTX_IS_RING, METHOD(ring_true)},
        {GR_METHOD_CTX_IS_COMMUTATIVE_RING, METHOD(ring_true)},
        {GR_METHOD_CTX_IS_INTEGRAL_DOMAIN, METHOD(ring_is_field)},
        {GR_METHOD_CTX_IS_FIELD, METHOD(ring_is_field)},
        {GR_METHOD_CTX_IS_FINITE, METHOD(ring_false)},
        {GR_METHOD_CTX_IS_FINITE_CHARACTERISTIC, METHOD(ring_false)},
        {GR_METHOD_CTX_IS_EXACT, METHOD(ring_true)},
        {GR_METHOD_CTX_IS_CANONICAL, METHOD(ring_false)},
        {GR_METHOD_CTX_IS_THREADSAFE, METHOD(ring_false)},
        {GR_METHOD_INIT, METHOD(ring_init)},
        {GR_METHOD_CLEAR, METHOD(ring_clear)},
        {GR_METHOD_SWAP, METHOD(ring_swap)},
        {GR_METHOD_SET_SHALLOW, METHOD(ring_set_shallow)},
        {GR_METHOD_WRITE, METHOD(ring_write)},
        {GR_METHOD_RANDTEST, METHOD(ring_randtest)},
        {GR_METHOD_ZERO, METHOD(ring_zero)},
        {GR_METHOD_ONE, METHOD(ring_one)},
        {GR_METHOD_NEG_ONE, METHOD(ring_neg_one)},
        {GR_METHOD_IS_ZERO, METHOD(ring_is_zero)},
        {GR_METHOD_IS_ONE, METHOD(ring_is_one)},
        {GR_METHOD_IS_NEG_ONE, METHOD(ring_is_neg_one)},
        {GR_METHOD_EQUAL, METHOD(ring_equal)},
        {GR_METHOD_SET, METHOD(ring_set)},
        {GR_METHOD_SET_SI, METHOD(ring_set_si)},
        {GR_METHOD_SET_UI, METHOD(ring_set_ui)},
        {GR_METHOD_SET_FMPZ, METHOD(ring_set_fmpz)},
        {GR_METHOD_SET_FMPQ, METHOD(ring_set_fmpq)},
        {GR_METHOD_NEG, METHOD(field_neg)},
        {GR_METHOD_ADD, METHOD(field_add)},
        {GR_METHOD_SUB, METHOD(field_sub)},
        {GR_METHOD_MUL, METHOD(field_mul)},
        {GR_METHOD_MUL_SI, METHOD(ring_mul_si)},
        {GR_METHOD_MUL_FMPZ, METHOD(ring_mul_fmpz)},
        {GR_METHOD_MUL_FMPQ, METHOD(field_mul_fmpq)},
        {GR_METHOD_SQR, METHOD(ring_sqr)},
        {GR_METHOD_INV, METHOD(field_inv)},
        {GR_METHOD_DIV, METHOD(field_div)},
        {GR_METHOD_DIVEXACT, METHOD(field_div)},
        {GR_METHOD_IS_INVERTIBLE, METHOD(ring_is_invertible)},
        {GR_METHOD_POW_UI, METHOD(ring_pow_ui)},
        {GR_METHOD_POW_SI, METHOD(field_pow_si)},
        {0, (gr_funcptr) NULL}
    };
    gr_method_tab_init(methods, input);
}

void caustic_field_ctx_init(gr_ctx_t ctx, caustic_pool * pool, const caustic_expr * symbols,
    const caustic_interval_struct * domains, slong length)
{
    caustic_field * field = flint_malloc(sizeof(caustic_field));
    slong k;
    field->pool = pool;
    field->symbols_length = length;
    field->symbols = flint_malloc(sizeof(caustic_expr) * FLINT_MAX(length, 1));
    field->domains = flint_malloc(sizeof(caustic_interval_struct) * FLINT_MAX(length, 1));
    for (k = 0; k < length; k++)
    {
        field->symbols[k] = symbols[k];
        caustic_interval_init(field->domains + k);
        caustic_interval_set(field->domains + k, domains + k);
    }
    field->levels = flint_malloc(sizeof(fmpz_mpoly_ctx_struct *));
    field->levels[0] = flint_malloc(sizeof(fmpz_mpoly_ctx_struct));
    fmpz_mpoly_ctx_init(field->levels[0], FLINT_MAX(length, 1), ORD_LEX);
    field->levels_length = 1;
    field->generators = NULL;
    field->generators_length = 0;
    field->algebraic_length = 0;
    field->atoms = NULL;
    field->atoms_length = 0;
    field->all_regular = 1;
    field->kinks = 0;
    field->work = 0.0;
    methods_init(field->methods);

    ctx->which_ring = GR_CTX_UNKNOWN_DOMAIN;
    ctx->sizeof_elem = sizeof(field_element_struct);
    ctx->size_limit = WORD_MAX;
    ctx->methods = field->methods;
    FIELD(ctx) = field;
}

slong caustic_field_symbols(gr_ctx_t ctx)
{
    return FIELD(ctx)->symbols_length;
}

caustic_expr caustic_field_symbol(slong k, gr_ctx_t ctx)
{
    return FIELD(ctx)->symbols[k];
}

caustic_pool * caustic_field_pool(gr_ctx_t ctx)
{
    return FIELD(ctx)->pool;
}
