/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Which terms of Burgers' equation a claim lacks: sums of its terms are tried, at one point first, and the
    one that is left is proved. [EQUATIONS-5]
*/

#include "equations/form.h"

#define MISSING_DIMENSION 9
#define MISSING_PREC 128

/* Terms of left minus right of component k, in the covariant form and in the one in coordinates. */
enum
{
    TERM_CURVATURE,        /* nu R_kj v^j */
    TERM_WEIGHT_TRANSPORT, /* -nu W^j D_j v_k */
    TERM_WEIGHT_SLOPE,     /* -nu (D_k W_j) v^j */
    TERM_SYMBOLS_LEFT,     /* -v^j Gamma^m_jk v_m */
    TERM_SYMBOLS_RIGHT,    /* -nu (D^j D_j v_k - g^ij v_ijk) */
    TERM_SLOPE_LEFT,       /* 1/2 (d_k g^ij) v_i v_j */
    TERM_SLOPE_RIGHT,      /* -nu (d_k g^ij) v_ij */
    TERM_DRIFT,            /* -nu b^i v_ik */
    TERM_DRIFT_SLOPE,      /* -nu (d_k b^i) v_i */
    TERM_COMETRIC,         /* (g^ij - delta^ij)(v_i v_jk - nu v_ijk) */
    TERMS
};

/* One, the other or both of two terms. */
typedef struct
{
    int first, second;
    const char * both;
    const char * one;
    const char * other;
}
name_struct;

static const name_struct names[] =
{
    {TERM_CURVATURE, -1, NULL, "the curvature term -R_kj v^j", NULL},
    {TERM_WEIGHT_TRANSPORT, TERM_WEIGHT_SLOPE, "the weight terms W^j D_j v_k and (D_k W_j) v^j",
        "the weight term W^j D_j v_k", "the weight term (D_k W_j) v^j"},
    {TERM_SYMBOLS_LEFT, TERM_SYMBOLS_RIGHT, "the Christoffel terms", "the Christoffel term of v^j D_j v_k",
        "the Christoffel terms of D^j D_j v_k"},
    {TERM_SLOPE_LEFT, TERM_SLOPE_RIGHT, "the terms with derivatives of the cometric",
        "the derivative of the cometric on the left", "the derivative of the cometric on the right"},
    {TERM_DRIFT, TERM_DRIFT_SLOPE, "the drift terms", "the drift term b^i d_i v_k", "the drift term (d_k b^i) v_i"},
    {TERM_COMETRIC, -1, NULL, "the cometric (there is the identity matrix in its place)", NULL}
};

typedef struct
{
    const caustic_equations_struct * equations;
    gr_ctx_struct * ctx;
    slong d, k;
    gr_mat_t cometric;
    gr_mat_t drift;
    gr_ptr viscosity;
    form_t term[TERMS];
    char present[TERMS];   /* it is not the zero form */
}
terms_struct;

typedef terms_struct terms_t[1];

static caustic_expr
unknown(const terms_t terms, const slong * indices, slong length)
{
    return caustic_equations_symbol(terms->equations, "v", indices, length, 0);
}

static caustic_expr
v1(const terms_t terms, slong i)
{
    return unknown(terms, &i, 1);
}

static caustic_expr
v2(const terms_t terms, slong i, slong j)
{
    slong indices[2] = {i, j};

    return unknown(terms, indices, 2);
}

static caustic_expr
v3(const terms_t terms, slong i, slong j, slong k)
{
    slong indices[3] = {i, j, k};

    return unknown(terms, indices, 3);
}

static caustic_expr
product(const terms_t terms, caustic_expr a, caustic_expr b)
{
    return caustic_mul(terms->equations->pool, a, b);
}

/* term -= nu x monomial */
static int
subtract_viscous(form_t term, caustic_expr monomial, gr_srcptr x, const terms_t terms)
{
    gr_ptr t;
    int status;

    GR_TMP_INIT(t, terms->ctx);
    status = gr_mul(t, x, terms->viscosity, terms->ctx);
    status |= form_add(term, monomial, t, -1);
    GR_TMP_CLEAR(t, terms->ctx);
    return status;
}

/* What is seen in coordinates. */
static int
coordinate_terms(terms_t terms)
{
    gr_ctx_struct * ctx = terms->ctx;
    slong d = terms->d, k = terms->k;
    gr_ptr x;
    int status = GR_SUCCESS;

    GR_TMP_INIT(x, ctx);

    for (slong i = 0; i < d; i++)
    {
        for (slong j = 0; j < d; j++)
        {
            gr_srcptr g = gr_mat_entry_srcptr(terms->cometric, i, j, ctx);

            status |= caustic_field_derivative(x, g, k, ctx);
            status |= subtract_viscous(terms->term[TERM_SLOPE_RIGHT], v2(terms, i, j), x, terms);
            status |= gr_div_ui(x, x, 2, ctx);
            status |= form_add(terms->term[TERM_SLOPE_LEFT], product(terms, v1(terms, i), v1(terms, j)), x, 1);

            status |= gr_sub_si(x, g, i == j, ctx);
            status |= form_add(terms->term[TERM_COMETRIC], product(terms, v1(terms, i), v2(terms, j, k)), x, 1);
            status |= subtract_viscous(terms->term[TERM_COMETRIC], v3(terms, i, j, k), x, terms);
        }

        status |= subtract_viscous(terms->term[TERM_DRIFT], v2(terms, i, k), gr_mat_entry_srcptr(terms->drift, i, 0, ctx), terms);
        status |= caustic_field_derivative(x, gr_mat_entry_srcptr(terms->drift, i, 0, ctx), k, ctx);
        status |= subtract_viscous(terms->term[TERM_DRIFT_SLOPE], v1(terms, i), x, terms);
    }

    GR_TMP_CLEAR(x, ctx);
    return status;
}

/* res += sign a b */
static int
add_product(gr_ptr res, gr_srcptr a, gr_srcptr b, int sign, gr_ctx_t ctx)
{
    return (sign > 0) ? gr_addmul(res, a, b, ctx) : gr_submul(res, a, b, ctx);
}

/* D_k W_j */
static int
weight_slope(gr_ptr res, const caustic_geometry_t geometry, slong k, slong j, gr_ctx_t ctx)
{
    int status = caustic_field_derivative(res, gr_mat_entry_srcptr(geometry->weight, j, 0, ctx), k, ctx);

    for (slong n = 0; n < geometry->dimension; n++)
        status |= add_product(res, gr_mat_entry_srcptr(geometry->christoffel[n], k, j, ctx),
            gr_mat_entry_srcptr(geometry->weight, n, 0, ctx), -1, ctx);

    return status;
}

/* What the geometry names; all terms together, with those in v_i v_jk and v_ijk, are the derived equation. */
static int
covariant_terms(terms_t terms, const caustic_geometry_t geometry, const form_t derived)
{
    gr_ctx_struct * ctx = terms->ctx;
    slong d = terms->d, k = terms->k;
    gr_mat_t raised;   /* g^{ij} times Ric_kj, D_k W_j, W_j: three columns, then Gamma^m_jk for all m */
    gr_mat_t lowered;
    gr_ptr x;
    int status = GR_SUCCESS;

    gr_mat_init(lowered, d, 3 + d, ctx);
    gr_mat_init(raised, d, 3 + d, ctx);
    GR_TMP_INIT(x, ctx);

    for (slong j = 0; j < d; j++)
    {
        status |= gr_neg(gr_mat_entry_ptr(lowered, j, 0, ctx), gr_mat_entry_srcptr(geometry->ricci, k, j, ctx), ctx);
        status |= weight_slope(gr_mat_entry_ptr(lowered, j, 1, ctx), geometry, k, j, ctx);
        status |= gr_set(gr_mat_entry_ptr(lowered, j, 2, ctx), gr_mat_entry_srcptr(geometry->weight, j, 0, ctx), ctx);
        for (slong m = 0; m < d; m++)
            status |= gr_set(gr_mat_entry_ptr(lowered, j, 3 + m, ctx), gr_mat_entry_srcptr(geometry->christoffel[m], j, k, ctx), ctx);
    }
    status |= gr_mat_mul_classical(raised, terms->cometric, lowered, ctx);

    for (slong i = 0; i < d; i++)
    {
        status |= subtract_viscous(terms->term[TERM_CURVATURE], v1(terms, i), gr_mat_entry_srcptr(raised, i, 0, ctx), terms);
        status |= subtract_viscous(terms->term[TERM_WEIGHT_SLOPE], v1(terms, i), gr_mat_entry_srcptr(raised, i, 1, ctx), terms);
        status |= subtract_viscous(terms->term[TERM_WEIGHT_TRANSPORT], v2(terms, i, k), gr_mat_entry_srcptr(raised, i, 2, ctx), terms);
        status |= gr_zero(x, ctx);
        for (slong j = 0; j < d; j++)
            status |= add_product(x, gr_mat_entry_srcptr(raised, j, 2, ctx),
                gr_mat_entry_srcptr(geometry->christoffel[i], j, k, ctx), -1, ctx);
        status |= subtract_viscous(terms->term[TERM_WEIGHT_TRANSPORT], v1(terms, i), x, terms);
        for (slong m = 0; m < d; m++)
            status |= form_add(terms->term[TERM_SYMBOLS_LEFT], product(terms, v1(terms, i), v1(terms, m)),
                gr_mat_entry_srcptr(raised, i, 3 + m, ctx), -1);
    }

    /* the rest of the derived equation that has v or v_ij alone */
    for (slong i = 0; i < derived->length; i++)
    {
        int viscous = 0;

        for (slong a = 0; a < d && !viscous; a++)
            for (slong b = -1; b < d && !viscous; b++)
                viscous = derived->monomial[i] == (b < 0 ? v1(terms, a) : v2(terms, a, b));
        if (viscous)
            status |= form_add(terms->term[TERM_SYMBOLS_RIGHT], derived->monomial[i], form_coefficient(derived, i), 1);
    }
    status |= form_add_form(terms->term[TERM_SYMBOLS_RIGHT], terms->term[TERM_CURVATURE], -1);
    status |= form_add_form(terms->term[TERM_SYMBOLS_RIGHT], terms->term[TERM_WEIGHT_SLOPE], -1);
    status |= form_add_form(terms->term[TERM_SYMBOLS_RIGHT], terms->term[TERM_WEIGHT_TRANSPORT], -1);

    gr_mat_clear(lowered, ctx);
    gr_mat_clear(raised, ctx);
    GR_TMP_CLEAR(x, ctx);
    return status;
}

static int
form_is_zero(const form_t form)
{
    int zero = 1;

    for (slong i = 0; i < form->length && zero; i++)
        zero = gr_is_zero(form_coefficient(form, i), form->ctx) == T_TRUE;

    return zero;
}

static int
terms_init(terms_t terms, const caustic_equations_t equations, const form_t derived, slong k, gr_ctx_t ctx)
{
    slong d = equations->dimension;
    int status = GR_SUCCESS;

    terms->equations = equations;
    terms->ctx = ctx;
    terms->d = d;
    terms->k = k;
    gr_mat_init(terms->cometric, d, d, ctx);
    gr_mat_init(terms->drift, d, 1, ctx);
    terms->viscosity = gr_heap_init(ctx);
    for (slong t = 0; t < TERMS; t++)
        form_init(terms->term[t], ctx);

    status |= caustic_field_set_expr(terms->viscosity, equations->viscosity, ctx);
    for (slong i = 0; i < d; i++)
    {
        status |= caustic_field_set_expr(gr_mat_entry_ptr(terms->drift, i, 0, ctx), equations->drift[i], ctx);
        for (slong j = 0; j < d; j++)
            status |= caustic_field_set_expr(gr_mat_entry_ptr(terms->cometric, i, j, ctx), equations->cometric[i * d + j], ctx);
    }

    if (status == GR_SUCCESS)
        status |= coordinate_terms(terms);
    if (status == GR_SUCCESS)
    {
        caustic_geometry_t geometry;

        caustic_geometry_init(geometry, terms->cometric, terms->drift, ctx);
        if (geometry->status == GR_SUCCESS)
            status |= covariant_terms(terms, geometry, derived);
        caustic_geometry_clear(geometry);
    }

    for (slong t = 0; t < TERMS; t++)
        terms->present[t] = !form_is_zero(terms->term[t]);

    return status;
}

static void
terms_clear(terms_t terms)
{
    gr_mat_clear(terms->cometric, terms->ctx);
    gr_mat_clear(terms->drift, terms->ctx);
    gr_heap_clear(terms->viscosity, terms->ctx);
    for (slong t = 0; t < TERMS; t++)
        form_clear(terms->term[t]);
}

/* Values of a form's coefficients at a point, in the order of the monomials of `all`. */
static arb_ptr
values_of(const form_t form, const form_t all, arb_srcptr point)
{
    arb_ptr values = _arb_vec_init(FLINT_MAX(all->length, 1));

    for (slong i = 0; i < form->length; i++)
        caustic_field_evaluate_arb(values + form_find(all, form->monomial[i]), form_coefficient(form, i), point,
            MISSING_PREC, form->ctx);

    return values;
}

/* Whether the balls leave it open that the rest is the sum of these terms. */
static int
may_be_sum(arb_srcptr rest, const arb_ptr * values, int chosen, slong length)
{
    int open = 1;
    arb_t x;

    arb_init(x);
    for (slong i = 0; i < length && open; i++)
    {
        arb_set(x, rest + i);
        for (int t = 0; t < TERMS; t++)
            if (chosen >> t & 1)
                arb_sub(x, x, values[t] + i, MISSING_PREC);
        open = arb_contains_zero(x);
    }

    arb_clear(x);
    return open;
}

static int
is_sum(const form_t rest, const terms_t terms, int chosen)
{
    form_t difference;
    int status, zero;

    form_init(difference, terms->ctx);
    status = form_add_form(difference, rest, 1);
    for (int t = 0; t < TERMS; t++)
        if (chosen >> t & 1)
            status |= form_add_form(difference, terms->term[t], -1);

    zero = status == GR_SUCCESS && form_is_zero(difference);
    form_clear(difference);
    return zero;
}

static int
count(int chosen)
{
    int ones = 0;

    for (; chosen != 0; chosen &= chosen - 1)
        ones++;

    return ones;
}

#define COVARIANT (1 << TERM_CURVATURE | 1 << TERM_WEIGHT_TRANSPORT | 1 << TERM_WEIGHT_SLOPE | 1 << TERM_SYMBOLS_LEFT | 1 << TERM_SYMBOLS_RIGHT)
#define COORDINATE (1 << TERM_SLOPE_LEFT | 1 << TERM_SLOPE_RIGHT | 1 << TERM_DRIFT | 1 << TERM_DRIFT_SLOPE)

/* The smallest set of terms whose sum is the rest, or 0: first among those of the covariant form, then among
   those in coordinates; then the same with the cometric. */
static int
find_sum(const form_t rest, const terms_t terms, const arb_ptr * values, slong length)
{
    static const int family[4] = {COVARIANT, COORDINATE, COVARIANT | 1 << TERM_COMETRIC, COORDINATE | 1 << TERM_COMETRIC};
    int present = 0;

    for (int t = 0; t < TERMS; t++)
        present |= terms->present[t] << t;

    for (int f = 0; f < 4; f++)
        for (int size = 1; size <= count(family[f] & present); size++)
            for (int chosen = 1; chosen < 1 << TERMS; chosen++)
                if ((chosen & ~(family[f] & present)) == 0 && count(chosen) == size
                    && may_be_sum(values[TERMS], values, chosen, length) && is_sum(rest, terms, chosen))
                    return chosen;

    return 0;
}

static void
print_names(caustic_text_t detail, int chosen)
{
    const char * found[sizeof(names) / sizeof(names[0])];
    slong length = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        int one = chosen >> names[i].first & 1, other = names[i].second >= 0 && (chosen >> names[i].second & 1);

        if (one || other)
            found[length++] = (one && other) ? names[i].both : one ? names[i].one : names[i].other;
    }

    caustic_text_append(detail, "; it lacks ");
    for (slong i = 0; i < length; i++)
        caustic_text_printf(detail, "%s%s", i == 0 ? "" : i == length - 1 ? " and " : ", ", found[i]);
}

/* rest = derived/its slope - claimed/its slope. Where it is not 0 the witness has a point. */
static truth_t
find_rest(form_t rest, form_t derived, caustic_witness_t witness, caustic_expr claimed_expr, caustic_expr derived_expr,
    caustic_expr pivot)
{
    gr_ctx_struct * ctx = rest->ctx;
    form_t claimed;
    gr_ptr scale;
    slong place = -1, own = -1;
    truth_t zero = T_UNKNOWN;
    int status;

    form_init(claimed, ctx);
    GR_TMP_INIT(scale, ctx);
    status = form_set_expr(claimed, claimed_expr);
    status |= form_set_expr(derived, derived_expr);

    if (status == GR_SUCCESS && form_is_affine(&place, claimed, pivot) && form_is_affine(&own, derived, pivot)
        && place >= 0 && own >= 0)
    {
        status |= gr_inv(scale, form_coefficient(derived, own), ctx);
        if (status == GR_SUCCESS)
            status |= form_multiply(derived, scale);
        if (status == GR_SUCCESS)
            status |= gr_inv(scale, form_coefficient(claimed, place), ctx);
        if (status == GR_SUCCESS)
            status |= form_multiply(claimed, scale);
        if (status == GR_SUCCESS)
            status |= form_add_form(rest, derived, 1);
        if (status == GR_SUCCESS)
            status |= form_add_form(rest, claimed, -1);
        for (slong i = 0; i < rest->length && status == GR_SUCCESS && zero != T_FALSE; i++)
            zero = caustic_field_is_zero(form_coefficient(rest, i), witness, ctx);
    }

    form_clear(claimed);
    GR_TMP_CLEAR(scale, ctx);
    return zero;
}

void
name_missing_terms(caustic_text_t detail, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain, caustic_expr claimed_expr, caustic_expr derived_expr, slong k)
{
    gr_ctx_t ctx;
    form_t rest, derived, all;
    terms_t terms;
    caustic_witness_t witness;
    slong d = equations->dimension;
    int chosen = 0;

    if (d > MISSING_DIMENSION)
        return;

    coefficient_field_init(ctx, equations, coordinate_domain);
    caustic_witness_init(witness, d + 1);
    form_init(rest, ctx);
    form_init(derived, ctx);
    form_init(all, ctx);

    if (find_rest(rest, derived, witness, claimed_expr, derived_expr,
            caustic_equations_symbol(equations, "v", &k, 1, 1)) == T_FALSE)
    {
        arb_ptr point = _arb_vec_init(d + 1), values[TERMS + 1];
        int status = terms_init(terms, equations, derived, k, ctx);

        for (slong i = 0; i <= d; i++)
            arb_set_fmpq(point + i, witness->point + i, MISSING_PREC);

        status |= form_add_form(all, rest, 1);
        for (slong t = 0; t < TERMS; t++)
            status |= form_add_form(all, terms->term[t], 1);

        if (status == GR_SUCCESS)
        {
            for (slong t = 0; t <= TERMS; t++)
                values[t] = values_of(t < TERMS ? terms->term[t] : rest, all, point);
            chosen = find_sum(rest, terms, values, all->length);
            for (slong t = 0; t <= TERMS; t++)
                _arb_vec_clear(values[t], FLINT_MAX(all->length, 1));
        }

        terms_clear(terms);
        _arb_vec_clear(point, d + 1);
    }

    if (chosen != 0)
        print_names(detail, chosen);

    form_clear(rest);
    form_clear(derived);
    form_clear(all);
    caustic_witness_clear(witness);
    gr_ctx_clear(ctx);
}
