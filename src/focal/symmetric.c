/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    symmetric: focal times by a closed formula, where the curvature tensor is parallel.

    With R = R(., v)v at the foot, v the gradient of l, the Jacobi fields in a parallel frame are
    J(t) = cos(t sqrt R) + sin(t sqrt R)/sqrt R Hess l: flat space, spheres, hyperbolic spaces and their products have one
    formula [FOCAL-3].
*/

#include "focal/focal_internal.h"

/* Data at the foot ***************************************************************************/

typedef struct
{
    slong n;
    slong prec;
    arb_mat_t metric;      /* g_ij */
    arb_mat_t hessian;     /* of the function, covariant, lower indices */
    arb_mat_t curvature;   /* R_(i v j v), lower indices */
    arb_mat_t operator;    /* R = g^-1 R_(. v . v) */
} foot_data;

static void foot_init(foot_data * f, slong n, slong prec)
{
    f->n = n;
    f->prec = prec;
    arb_mat_init(f->metric, n, n);
    arb_mat_init(f->hessian, n, n);
    arb_mat_init(f->curvature, n, n);
    arb_mat_init(f->operator, n, n);
}

static void foot_clear(foot_data * f)
{
    arb_mat_clear(f->metric);
    arb_mat_clear(f->hessian);
    arb_mat_clear(f->curvature);
    arb_mat_clear(f->operator);
}

/* Derivatives at the foot, as balls: of the cometric, of the metric, and of the function. */
typedef struct
{
    slong n;
    arb_mat_t raised;             /* g^ij */
    arb_mat_struct * first;       /* [k]: d_k g_ij */
    arb_mat_struct * second;      /* [k n + l]: d_k d_l g_ij */
    arb_mat_struct * christoffel; /* [m]: Gamma_(m,ij) */
    arb_mat_struct * symbol;      /* [m]: Gamma^m_ij */
    arb_ptr gradient;             /* d_i l */
    arb_mat_t plain_hessian;      /* d_i d_j l */
} derivatives;

static arb_mat_struct * matrices_init(slong length, slong n)
{
    slong i;
    arb_mat_struct * res = flint_malloc(sizeof(arb_mat_struct) * (size_t) length);
    for (i = 0; i < length; i++)
    {
        arb_mat_init(res + i, n, n);
    }
    return res;
}

static void matrices_clear(arb_mat_struct * matrices, slong length)
{
    slong i;
    for (i = 0; i < length; i++)
    {
        arb_mat_clear(matrices + i);
    }
    flint_free(matrices);
}

static void derivatives_init(derivatives * d, slong n)
{
    d->n = n;
    arb_mat_init(d->raised, n, n);
    arb_mat_init(d->plain_hessian, n, n);
    d->first = matrices_init(n, n);
    d->second = matrices_init(n * n, n);
    d->christoffel = matrices_init(n, n);
    d->symbol = matrices_init(n, n);
    d->gradient = _arb_vec_init(n);
}

static void derivatives_clear(derivatives * d)
{
    arb_mat_clear(d->raised);
    arb_mat_clear(d->plain_hessian);
    matrices_clear(d->first, d->n);
    matrices_clear(d->second, d->n * d->n);
    matrices_clear(d->christoffel, d->n);
    matrices_clear(d->symbol, d->n);
    _arb_vec_clear(d->gradient, d->n);
}

/* res -= a b c */
static void subtract_product(arb_mat_t res, const arb_mat_t a, const arb_mat_t b, const arb_mat_t c, slong prec)
{
    arb_mat_t t;
    arb_mat_init(t, arb_mat_nrows(res), arb_mat_ncols(res));
    arb_mat_mul(t, a, b, prec);
    arb_mat_mul(t, t, c, prec);
    arb_mat_sub(res, res, t, prec);
    arb_mat_clear(t);
}

/* Of the metric G from those of the cometric H: G_k = -G H_k G, G_kl = -(G_l H_k G + G H_kl G + G H_k G_l); on entry
   `first` and `second` hold H_k and H_kl. */
static void lower_derivatives(derivatives * d, const arb_mat_t metric, slong prec)
{
    slong n = d->n, k, l;
    arb_mat_struct * raised_first = matrices_init(n, n);
    arb_mat_struct * raised_second = matrices_init(n * n, n);
    for (k = 0; k < n; k++)
    {
        arb_mat_swap(raised_first + k, d->first + k);
        subtract_product(d->first + k, metric, raised_first + k, metric, prec);
    }
    for (k = 0; k < n; k++)
    {
        for (l = 0; l < n; l++)
        {
            arb_mat_struct * second = d->second + k * n + l;
            arb_mat_swap(raised_second + k * n + l, second);
            arb_mat_zero(second);
            subtract_product(second, d->first + l, raised_first + k, metric, prec);
            subtract_product(second, metric, raised_second + k * n + l, metric, prec);
            subtract_product(second, metric, raised_first + k, d->first + l, prec);
        }
    }
    matrices_clear(raised_first, n);
    matrices_clear(raised_second, n * n);
}

/* 2 Gamma_(m,ij) = d_i g_mj + d_j g_mi - d_m g_ij */
static void christoffel_symbols(derivatives * d, slong prec)
{
    slong n = d->n, m, i, j, a;
    for (m = 0; m < n; m++)
    {
        for (i = 0; i < n; i++)
        {
            for (j = 0; j < n; j++)
            {
                arb_ptr entry = arb_mat_entry(d->christoffel + m, i, j);
                arb_add(entry, arb_mat_entry(d->first + i, m, j), arb_mat_entry(d->first + j, m, i), prec);
                arb_sub(entry, entry, arb_mat_entry(d->first + m, i, j), prec);
                arb_mul_2exp_si(entry, entry, -1);
            }
        }
    }
    for (m = 0; m < n; m++)
    {
        for (i = 0; i < n; i++)
        {
            for (j = 0; j < n; j++)
            {
                for (a = 0; a < n; a++)
                {
                    arb_addmul(arb_mat_entry(d->symbol + m, i, j), arb_mat_entry(d->raised, m, a),
                        arb_mat_entry(d->christoffel + a, i, j), prec);
                }
            }
        }
    }
}

/* R_iklm = 1/2 (d_k d_l g_im + d_i d_m g_kl - d_k d_m g_il - d_i d_l g_km) + Gamma_(a,kl) Gamma^a_im - Gamma_(a,km) Gamma^a_il,
   for which a sphere has R_ikik > 0. */
static void riemann(arb_t res, const derivatives * d, slong i, slong k, slong l, slong m, slong prec)
{
    slong n = d->n, a;
    arb_add(res, arb_mat_entry(d->second + k * n + l, i, m), arb_mat_entry(d->second + i * n + m, k, l), prec);
    arb_sub(res, res, arb_mat_entry(d->second + k * n + m, i, l), prec);
    arb_sub(res, res, arb_mat_entry(d->second + i * n + l, k, m), prec);
    arb_mul_2exp_si(res, res, -1);
    for (a = 0; a < n; a++)
    {
        arb_addmul(res, arb_mat_entry(d->christoffel + a, k, l), arb_mat_entry(d->symbol + a, i, m), prec);
        arb_submul(res, arb_mat_entry(d->christoffel + a, k, m), arb_mat_entry(d->symbol + a, i, l), prec);
    }
}

/* The covariant Hessian d_i d_j l - Gamma^k_ij d_k l, and R_(i k j m) v^k v^m with v^k = g^kl d_l l. */
static void contract(foot_data * f, const derivatives * d)
{
    slong n = f->n, i, j, k, m, prec = f->prec;
    arb_ptr v = _arb_vec_init(n);
    arb_t t, entry;

    arb_init(t);
    arb_init(entry);
    for (i = 0; i < n; i++)
    {
        for (j = 0; j < n; j++)
        {
            arb_addmul(v + i, arb_mat_entry(d->raised, i, j), d->gradient + j, prec);
        }
    }
    for (i = 0; i < n; i++)
    {
        for (j = 0; j < n; j++)
        {
            arb_set(arb_mat_entry(f->hessian, i, j), arb_mat_entry(d->plain_hessian, i, j));
            for (k = 0; k < n; k++)
            {
                arb_submul(arb_mat_entry(f->hessian, i, j), arb_mat_entry(d->symbol + k, i, j), d->gradient + k, prec);
                for (m = 0; m < n; m++)
                {
                    arb_mul(t, v + k, v + m, prec);
                    if (!arb_is_zero(t))
                    {
                        riemann(entry, d, i, k, j, m, prec);
                        arb_addmul(arb_mat_entry(f->curvature, i, j), entry, t, prec);
                    }
                }
            }
        }
    }
    arb_mat_mul(f->operator, d->raised, f->curvature, prec);
    _arb_vec_clear(v, n);
    arb_clear(t);
    arb_clear(entry);
}

/* (d_k d_l f) at the centre of the jet. */
static void jet_second(arb_t res, arb_srcptr jet, const caustic_jet_shape * shape, slong k, slong l)
{
    slong n = caustic_jet_variables(shape), i;
    slong * exponents = flint_calloc((size_t) n, sizeof(slong));
    exponents[k]++;
    exponents[l]++;
    i = caustic_jet_index(shape, exponents);
    arb_mul_ui(res, jet + i, k == l ? 2 : 1, ARF_PREC_EXACT);
    flint_free(exponents);
}

static void jet_first(arb_t res, arb_srcptr jet, const caustic_jet_shape * shape, slong k)
{
    slong n = caustic_jet_variables(shape);
    slong * exponents = flint_calloc((size_t) n, sizeof(slong));
    exponents[k]++;
    arb_set(res, jet + caustic_jet_index(shape, exponents));
    flint_free(exponents);
}

/* Derivatives of order up to 2 of cometric and function at x, by Taylor arithmetic in n variables. */
static void differentiate(derivatives * d, const caustic_tape * tape, arb_srcptr x, slong prec)
{
    slong n = d->n, roots = n * n + 1, i, k, l, length;
    caustic_jet_shape * shape = caustic_jet_shape_new(n, 2);
    arb_ptr * out = flint_malloc(sizeof(arb_ptr) * (size_t) roots);
    arb_ptr * in = flint_malloc(sizeof(arb_ptr) * (size_t) n);

    length = caustic_jet_length(shape);
    for (i = 0; i < roots; i++)
    {
        out[i] = _arb_vec_init(length);
    }
    for (i = 0; i < n; i++)
    {
        in[i] = _arb_vec_init(length);
        caustic_jet_variable(in[i], x + i, i, shape);
    }
    caustic_tape_evaluate_jet(out, tape, (const arb_srcptr *) in, shape, prec);
    for (i = 0; i < n * n; i++)
    {
        arb_set(arb_mat_entry(d->raised, i / n, i % n), out[i]);
        for (k = 0; k < n; k++)
        {
            jet_first(arb_mat_entry(d->first + k, i / n, i % n), out[i], shape, k);
            for (l = 0; l < n; l++)
            {
                jet_second(arb_mat_entry(d->second + k * n + l, i / n, i % n), out[i], shape, k, l);
            }
        }
    }
    for (k = 0; k < n; k++)
    {
        jet_first(d->gradient + k, out[n * n], shape, k);
        for (l = 0; l < n; l++)
        {
            jet_second(arb_mat_entry(d->plain_hessian, k, l), out[n * n], shape, k, l);
        }
    }
    for (i = 0; i < roots; i++)
    {
        _arb_vec_clear(out[i], length);
    }
    for (i = 0; i < n; i++)
    {
        _arb_vec_clear(in[i], length);
    }
    flint_free(out);
    flint_free(in);
    caustic_jet_shape_free(shape);
}

/* All data at the point; 0 if they are not finite, or the cometric not certainly positive definite. */
static int foot_compute(foot_data * f, const caustic_tape * tape, arb_srcptr x)
{
    int usable;
    derivatives d;
    derivatives_init(&d, f->n);
    differentiate(&d, tape, x, f->prec);
    usable = arb_mat_is_finite(d.raised) && caustic_form_is_positive(NULL, d.raised, f->prec) == T_TRUE
        && arb_mat_inv(f->metric, d.raised, f->prec);
    if (usable)
    {
        lower_derivatives(&d, f->metric, f->prec);
        christoffel_symbols(&d, f->prec);
        contract(f, &d);
        usable = arb_mat_is_finite(f->hessian) && arb_mat_is_finite(f->curvature);
    }
    derivatives_clear(&d);
    return usable;
}

/* The form N *********************************************************************************/

/* C = cos(t sqrt R) and S = sin(t sqrt R)/sqrt R, blocks of the exponential of t (0 1; -R 0). */
static void cosine_and_sine(arb_mat_t c, arb_mat_t s, const foot_data * f, const arb_t t)
{
    slong n = f->n, i, j;
    arb_mat_t e;
    arb_mat_init(e, 2 * n, 2 * n);
    for (i = 0; i < n; i++)
    {
        arb_set(arb_mat_entry(e, i, n + i), t);
        for (j = 0; j < n; j++)
        {
            arb_mul(arb_mat_entry(e, n + i, j), arb_mat_entry(f->operator, i, j), t, f->prec);
            arb_neg(arb_mat_entry(e, n + i, j), arb_mat_entry(e, n + i, j));
        }
    }
    arb_mat_exp(e, e, f->prec);
    for (i = 0; i < n; i++)
    {
        for (j = 0; j < n; j++)
        {
            arb_set(arb_mat_entry(c, i, j), arb_mat_entry(e, i, j));
            arb_set(arb_mat_entry(s, i, j), arb_mat_entry(e, i, n + j));
        }
    }
    arb_mat_clear(e);
}

/* Whether t is before the first conjugate point: (pi/t)^2 g - R_(. v . v) is positive definite. */
static truth_t before_conjugate_point(const foot_data * f, const arb_t t)
{
    truth_t answer;
    arb_mat_t form;
    arb_t factor;
    arb_mat_init(form, f->n, f->n);
    arb_init(factor);
    arb_const_pi(factor, f->prec);
    arb_div(factor, factor, t, f->prec);
    arb_mul(factor, factor, factor, f->prec);
    arb_mat_scalar_mul_arb(form, f->metric, factor, f->prec);
    arb_mat_sub(form, form, f->curvature, f->prec);
    answer = caustic_form_is_positive(NULL, form, f->prec);
    arb_mat_clear(form);
    arb_clear(factor);
    return answer;
}

/* The sign of N(t) = g S^-1 C + Hess; from the first conjugate point on it counts as not positive [FOCAL-3]. */
static truth_t sign_of_form(slong * negative, void * context, const arb_t t)
{
    const foot_data * f = context;
    truth_t answer = before_conjugate_point(f, t);
    arb_mat_t c, s;

    if (answer != T_TRUE)
    {
        return answer;
    }
    arb_mat_init(c, f->n, f->n);
    arb_mat_init(s, f->n, f->n);
    cosine_and_sine(c, s, f, t);
    answer = T_UNKNOWN;
    if (arb_mat_solve(c, s, c, f->prec))
    {
        arb_mat_mul(c, f->metric, c, f->prec);
        arb_mat_add(c, c, f->hessian, f->prec);
        answer = caustic_form_is_positive(negative, c, f->prec);
    }
    arb_mat_clear(c);
    arb_mat_clear(s);
    return answer;
}

/* The search *********************************************************************************/

#define MOST_DOUBLINGS 200
#define MOST_OPEN 8

/* A first bracket: N > 0 at `lower`, or that is 0; not at `upper`. Doubles the time, and goes on a little where a sign is open, by
   chance perhaps. 0 if none was found. */
static int first_bracket(arb_t lower, arb_t upper, foot_data * f, arb_srcptr limit)
{
    slong i, open = 0;
    truth_t sign = T_TRUE;
    arb_zero(lower);
    arb_one(upper);
    arb_mul_2exp_si(upper, upper, -MOST_DOUBLINGS / 2);
    for (i = 0; i < MOST_DOUBLINGS && sign != T_FALSE && open < MOST_OPEN && (limit == NULL || arb_lt(lower, limit)); i++)
    {
        sign = sign_of_form(NULL, f, upper);
        if (sign == T_TRUE)
        {
            arb_set(lower, upper);
            arb_mul_2exp_si(upper, upper, 1);
        }
        else if (sign == T_UNKNOWN)
        {
            open++;
            arb_mul_ui(upper, upper, 5, ARF_PREC_EXACT);
            arb_mul_2exp_si(upper, upper, -2);
        }
    }
    return sign == T_FALSE;
}

static int row_is_zero(const arb_mat_t form, slong i)
{
    slong j;
    for (j = 0; j < arb_mat_ncols(form); j++)
    {
        if (!arb_is_zero(arb_mat_entry(form, FLINT_MAX(i, j), FLINT_MIN(i, j))))
        {
            return 0;
        }
    }
    return 1;
}

/* Whether the form is zero in some of the coordinates and positive definite in the others: then it is nowhere negative. */
static int is_nowhere_negative(const arb_mat_t form, slong prec)
{
    slong n = arb_mat_nrows(form), rows = 0, i, j, a = 0, b;
    int answer;
    arb_mat_t rest;
    for (i = 0; i < n; i++)
    {
        rows += !row_is_zero(form, i);
    }
    arb_mat_init(rest, rows, rows);
    for (i = 0; i < n; i++)
    {
        if (!row_is_zero(form, i))
        {
            for (j = 0, b = 0; j <= i; j++)
            {
                if (!row_is_zero(form, j))
                {
                    arb_set(arb_mat_entry(rest, a, b++), arb_mat_entry(form, i, j));
                }
            }
            a++;
        }
    }
    answer = caustic_form_is_positive(NULL, rest, prec) == T_TRUE;
    arb_mat_clear(rest);
    return answer;
}

/* No sectional curvature is positive and the Hessian is nowhere negative: det J has no zero [FOCAL-3]. */
static int never_focuses(const foot_data * f, int curvature_sign)
{
    return curvature_sign < 0 && is_nowhere_negative(f->hessian, f->prec);
}

/* One attempt at a given precision. */
static caustic_result attempt(caustic_focal_t result, foot_data * f, const caustic_focal_options * options, int curvature_sign,
    caustic_error_t error)
{
    caustic_result status = CAUSTIC_OK;
    arb_t lower, upper;

    if (never_focuses(f, curvature_sign))
    {
        return focal_never(result, error);
    }
    arb_init(lower);
    arb_init(upper);
    if (first_bracket(lower, upper, f, options->time_limit))
    {
        focal_bisect(lower, upper, &result->multiplicity, sign_of_form, f, f->prec);
        focal_ball(result->time, lower, upper);
        result->found = 1;
    }
    arb_set(result->reached, lower);
    if (!result->found)
    {
        status = focal_stop(result, CAUSTIC_NO_RESOURCES, "no focal time was found by the formula of parallel curvature", error);
    }
    else if (!focal_is_narrow(result->time, options->digits))
    {
        status = focal_stop(result, CAUSTIC_NO_RESOURCES, "the focal time was found, but not to the digits asked for", error);
    }
    else if (options->time_limit != NULL && !arb_le(result->time, options->time_limit))
    {
        status = focal_stop(result, CAUSTIC_NO_RESOURCES, "no focal time is certainly before the time limit", error);
    }
    arb_clear(lower);
    arb_clear(upper);
    return status;
}

/* Attempts with more and more bits, until one succeeds or they do not help: balls for a foot have their own width. */
static caustic_result raise_precision(caustic_focal_t result, const caustic_focal_problem * problem, int curvature_sign,
    const caustic_tape * start, const caustic_tape * tape, arb_srcptr foot, const caustic_focal_options * options,
    caustic_error_t error)
{
    slong n = problem->dimension, precision, tries = 0;
    caustic_result status = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
        "the precision limit of %ld bits does not allow %ld digits", (long) options->precision_limit, (long) options->digits);
    arb_ptr x = _arb_vec_init(n);
    foot_data f;

    for (precision = focal_first_precision(options); status == CAUSTIC_NO_RESOURCES && !result->never && tries < 4
        && precision <= options->precision_limit; precision *= 2, tries++)
    {
        focal_reset(result);
        result->precision = precision;
        foot_init(&f, n, precision);
        caustic_tape_evaluate_arb(x, start, foot, precision);
        status = foot_compute(&f, tape, x) ? attempt(result, &f, options, curvature_sign, error)
            : focal_stop(result, CAUSTIC_NO_RESOURCES, "curvature and Hessian at the foot are not known", error);
        foot_clear(&f);
    }
    _arb_vec_clear(x, n);
    return status;
}

/* Cometric and function, row by row, and the coordinates of the foot; 0: not by the coordinates alone. */
static int make_tapes(caustic_tape ** tape, caustic_tape ** start, const caustic_focal_problem * problem)
{
    slong n = problem->dimension, i;
    caustic_expr * root = flint_malloc(sizeof(caustic_expr) * (size_t) (n * n + 1));

    for (i = 0; i < n * n; i++)
    {
        root[i] = problem->cometric[i];
    }
    root[n * n] = problem->function;
    *tape = caustic_tape_new(problem->pool, root, n * n + 1, problem->coordinate, n);
    *start = caustic_tape_new(problem->pool, problem->start, n, problem->foot, problem->feet);
    flint_free(root);
    return *tape != NULL && *start != NULL;
}

static void free_tapes(caustic_tape * tape, caustic_tape * start)
{
    if (tape != NULL)
    {
        caustic_tape_free(tape);
    }
    if (start != NULL)
    {
        caustic_tape_free(start);
    }
}

int focal_is_regular_at(const caustic_focal_problem * problem, arb_srcptr foot, slong prec)
{
    caustic_tape * tape, * start;
    arb_ptr x = _arb_vec_init(problem->dimension);
    foot_data f;
    int regular = make_tapes(&tape, &start, problem);

    foot_init(&f, problem->dimension, prec);
    if (regular)
    {
        caustic_tape_evaluate_arb(x, start, foot, prec);
        regular = foot_compute(&f, tape, x);
    }
    foot_clear(&f);
    free_tapes(tape, start);
    _arb_vec_clear(x, problem->dimension);
    return regular;
}

caustic_result focal_never(caustic_focal_t result, caustic_error_t error)
{
    result->never = 1;
    arb_pos_inf(result->reached);
    return caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
        "there is no focal time: no curvature is positive, and the Hessian is not negative in any direction");
}

caustic_result caustic_focal_symmetric(caustic_focal_t result, const caustic_focal_problem * problem, int curvature_sign,
    arb_srcptr foot, const caustic_focal_options * options, caustic_error_t error)
{
    caustic_tape * tape, * start;
    caustic_result status = focal_check(problem, options, error);

    focal_reset(result);
    if (status != CAUSTIC_OK)
    {
        return status;
    }
    if (!make_tapes(&tape, &start, problem))
    {
        status = caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "the characteristic's data are not defined by the coordinates alone");
    }
    else
    {
        status = raise_precision(result, problem, curvature_sign, start, tape, foot, options, error);
    }
    if (status == CAUSTIC_OK)
    {
        caustic_error_clear(error);
        caustic_error_init(error);
    }
    free_tapes(tape, start);
    return status;
}
