/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    integrate: the first focal time of a characteristic by validated integration.

    The state is (x, p), its variations the columns (J; P) with P(0) = d^2 l J(0), J(0) regular. After each step
    S = P J^-1 is symmetric; with (A B; C D) the Jacobian of the flow during the next one, N(s) = B^-1 A + S is
    symmetric, decreases from +infinity, and is singular exactly at the focal times [FOCAL-1]. So one look at its
    sign at the end of a step decides that there is none in the step, whatever their multiplicities.
*/

#include <string.h>
#include "focal/focal_internal.h"

/* The equations ******************************************************************************/

struct focal_characteristic
{
    const caustic_focal_problem * problem;
    const caustic_focal_options * options;
    caustic_flow * flow;
    caustic_tape * start;   /* the coordinates of the foot, and their derivatives by the symbols in which it is given */
    caustic_tape * lift;    /* what the generators do to (x, p): columns that need not be integrated [FOCAL-4] */
    caustic_tape * data;    /* there: the function, its gradient and its second derivatives */
    caustic_tape * third;   /* there: the third derivatives; only for sets */
    caustic_tape * shape;   /* along the way: cometric, generators, strata */
    int settled;            /* more precision would not change the outcome */
    mag_t width;            /* of the focal time at the last precision */
    arb_t stopped;          /* where the last precision could not go on; negative: it could */
};

typedef focal_characteristic characteristic;

caustic_tape * focal_map_tape(caustic_pool * pool, const caustic_expr * map, slong length, const caustic_expr * symbol, slong n)
{
    caustic_expr * root = flint_malloc(sizeof(caustic_expr) * (size_t) (length + length * n));
    caustic_tape * tape;
    slong i, j;
    for (i = 0; i < length; i++)
    {
        root[i] = map[i];
        for (j = 0; j < n; j++)
        {
            root[length + i * n + j] = caustic_derivative(pool, map[i], symbol[j]);
        }
    }
    tape = caustic_tape_new(pool, root, length + length * n, symbol, n);
    flint_free(root);
    return tape;
}

/* A vector field xi moves (x, p) by (xi, -p_b d xi^b/dx^a). The first n - feet generators; none where the feet are n. */
static caustic_tape * lifted_generators(const caustic_focal_problem * problem)
{
    slong n = problem->dimension, k = n - problem->feet, a, b, j;
    caustic_pool * pool = problem->pool;
    caustic_expr * symbol = focal_phase_space(problem), * root = flint_malloc(sizeof(caustic_expr) * (size_t) (2 * n * k + 1));
    caustic_tape * tape;
    for (j = 0; j < k; j++)
    {
        const caustic_expr * generator = problem->generator + j * n;
        for (a = 0; a < n; a++)
        {
            caustic_expr sum = caustic_integer(pool, 0);
            for (b = 0; b < n; b++)
            {
                sum = caustic_sub(pool, sum, caustic_mul(pool, symbol[n + b],
                    caustic_derivative(pool, generator[b], symbol[a])));
            }
            root[j * 2 * n + a] = generator[a];
            root[j * 2 * n + n + a] = sum;
        }
    }
    tape = caustic_tape_new(pool, root, 2 * n * k, symbol, 2 * n);
    flint_free(symbol);
    flint_free(root);
    return tape;
}

/* The function, its gradient and its second derivatives. */
static caustic_tape * function_data(const caustic_focal_problem * problem)
{
    slong n = problem->dimension, i, j;
    caustic_expr * root = flint_malloc(sizeof(caustic_expr) * (size_t) (1 + n + n * n));
    caustic_tape * tape;
    root[0] = problem->function;
    for (i = 0; i < n; i++)
    {
        root[1 + i] = caustic_derivative(problem->pool, root[0], problem->coordinate[i]);
        for (j = 0; j < n; j++)
        {
            root[1 + n + i * n + j] = caustic_derivative(problem->pool, root[1 + i], problem->coordinate[j]);
        }
    }
    tape = caustic_tape_new(problem->pool, root, 1 + n + n * n, problem->coordinate, n);
    flint_free(root);
    return tape;
}

static caustic_tape * third_derivatives(const caustic_focal_problem * problem)
{
    slong n = problem->dimension, i;
    caustic_expr * second = flint_malloc(sizeof(caustic_expr) * (size_t) (n * n)), * root = flint_malloc(sizeof(caustic_expr) * (size_t) (n * n * n));
    caustic_tape * tape;
    for (i = 0; i < n * n; i++)
    {
        second[i] = caustic_derivative(problem->pool, caustic_derivative(problem->pool, problem->function, problem->coordinate[i / n]), problem->coordinate[i % n]);
    }
    for (i = 0; i < n * n * n; i++)
    {
        root[i] = caustic_derivative(problem->pool, second[i / n], problem->coordinate[i % n]);
    }
    tape = caustic_tape_new(problem->pool, root, n * n * n, problem->coordinate, n);
    flint_free(second);
    flint_free(root);
    return tape;
}

static slong shape_roots(const caustic_focal_problem * problem)
{
    return problem->dimension * (problem->dimension + problem->generators) + problem->strata;
}

static caustic_tape * shape_along(const caustic_focal_problem * problem)
{
    slong n = problem->dimension, i, length = 0;
    caustic_expr * root = flint_malloc(sizeof(caustic_expr) * (size_t) shape_roots(problem));
    caustic_tape * tape;
    for (i = 0; i < n * n; i++)
    {
        root[length++] = problem->cometric[i];
    }
    for (i = 0; i < problem->generators * n; i++)
    {
        root[length++] = problem->generator[i];
    }
    for (i = 0; i < problem->strata; i++)
    {
        root[length++] = problem->stratum[i];
    }
    tape = caustic_tape_new(problem->pool, root, length, problem->coordinate, n);
    flint_free(root);
    return tape;
}

static void tape_free(caustic_tape * tape)
{
    if (tape != NULL)
    {
        caustic_tape_free(tape);
    }
}

focal_characteristic * focal_characteristic_new(const caustic_focal_problem * problem, caustic_error_t error)
{
    characteristic * c = flint_calloc(1, sizeof(characteristic));
    c->problem = problem;
    mag_init(c->width);
    arb_init(c->stopped);
    c->flow = focal_hamiltonian_flow(problem);
    c->start = focal_map_tape(problem->pool, problem->start, problem->dimension, problem->foot, problem->feet);
    c->lift = lifted_generators(problem);
    c->data = function_data(problem);
    c->shape = shape_along(problem);
    if (c->flow == NULL || c->start == NULL || c->lift == NULL || c->data == NULL || c->shape == NULL)
    {
        (void) caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "the characteristic's equations are not defined by the parameters and coordinates alone");
        focal_characteristic_free(c);
        return NULL;
    }
    return c;
}

void focal_characteristic_free(focal_characteristic * c)
{
    caustic_flow_free(c->flow);
    tape_free(c->start);
    tape_free(c->lift);
    tape_free(c->data);
    tape_free(c->third);
    tape_free(c->shape);
    mag_clear(c->width);
    arb_clear(c->stopped);
    flint_free(c);
}

/* The form N *********************************************************************************/

typedef struct
{
    caustic_orbit_struct * orbit;
    arb_mat_struct * hessian; /* S */
    slong prec;
} form_context;

/* Rows [row, row + n) and columns [column, column + n). */
static void block(arb_mat_t res, const arb_mat_t matrix, slong row, slong column)
{
    slong i, j;
    for (i = 0; i < arb_mat_nrows(res); i++)
    {
        for (j = 0; j < arb_mat_ncols(res); j++)
        {
            arb_set(arb_mat_entry(res, i, j), arb_mat_entry(matrix, row + i, column + j));
        }
    }
}

/* (J; P), transposed: a row for each variation that is followed, then one for each generator. */
static void all_variations(arb_mat_t j, arb_mat_t p, const characteristic * c, const caustic_orbit_t orbit)
{
    slong n = c->problem->dimension, m = orbit->variations, row, i;
    arb_ptr lift = _arb_vec_init(2 * n * (n - m));

    caustic_tape_evaluate_arb(lift, c->lift, orbit->state, orbit->precision + FOCAL_ROUGH);
    for (row = 0; row < n; row++)
    {
        for (i = 0; i < n; i++)
        {
            arb_set(arb_mat_entry(j, row, i), row < m ? arb_mat_entry(orbit->variation, i, row) : lift + (row - m) * 2 * n + i);
            arb_set(arb_mat_entry(p, row, i), row < m ? arb_mat_entry(orbit->variation, n + i, row) : lift + (row - m) * 2 * n + n + i);
        }
    }
    _arb_vec_clear(lift, 2 * n * (n - m));
}

/* S = P J^-1, from J^T S = P^T; 0 if J is not certainly regular. */
static int hessian_now(arb_mat_t res, const characteristic * c, const caustic_orbit_t orbit)
{
    slong n = arb_mat_nrows(res);
    int regular;
    arb_mat_t j, p;
    arb_mat_init(j, n, n);
    arb_mat_init(p, n, n);
    all_variations(j, p, c, orbit);
    regular = arb_mat_solve(res, j, p, orbit->precision + FOCAL_ROUGH);
    arb_mat_clear(j);
    arb_mat_clear(p);
    return regular;
}

/* The sign of N(s) = B^-1 A + S. */
static truth_t sign_of_form(slong * negative, void * context, const arb_t s)
{
    form_context * f = context;
    slong n = arb_mat_nrows(f->hessian), prec = f->prec > FOCAL_ROUGH ? f->prec + FOCAL_ROUGH : f->prec;
    truth_t answer = T_UNKNOWN;
    arb_mat_t jacobian, a, b;

    arb_mat_init(jacobian, 2 * n, 2 * n);
    arb_mat_init(a, n, n);
    arb_mat_init(b, n, n);
    caustic_orbit_jacobian(jacobian, f->orbit, s, prec);
    block(a, jacobian, 0, 0);
    block(b, jacobian, 0, n);
    if (arb_mat_is_finite(jacobian) && arb_mat_solve(a, b, a, prec))
    {
        arb_mat_add(a, a, f->hessian, prec);
        answer = caustic_form_is_positive(negative, a, prec);
    }
    arb_mat_clear(jacobian);
    arb_mat_clear(a);
    arb_mat_clear(b);
    return answer;
}

/* What must hold during a step ***************************************************************/

/* Whether every matrix in the balls is regular: |1 - M A| < 1 in the row-sum norm, M an approximate inverse. */
static int is_regular(const arb_mat_t a)
{
    slong n = arb_mat_nrows(a), i, j;
    int regular = 0;
    arb_mat_t middle, defect;
    arb_t norm, sum, t;

    arb_mat_init(middle, n, n);
    arb_mat_init(defect, n, n);
    arb_init(norm);
    arb_init(sum);
    arb_init(t);
    arb_mat_get_mid(middle, a);
    if (arb_mat_is_finite(a) && arb_mat_approx_inv(middle, middle, FOCAL_ROUGH))
    {
        arb_mat_mul(defect, middle, a, FOCAL_ROUGH);
        for (i = 0; i < n; i++)
        {
            arb_sub_ui(arb_mat_entry(defect, i, i), arb_mat_entry(defect, i, i), 1, FOCAL_ROUGH);
            arb_zero(sum);
            for (j = 0; j < n; j++)
            {
                arb_abs(t, arb_mat_entry(defect, i, j));
                arb_add(sum, sum, t, FOCAL_ROUGH);
            }
            arb_max(norm, norm, sum, FOCAL_ROUGH);
        }
        arb_one(t);
        regular = arb_lt(norm, t);
    }
    arb_mat_clear(middle);
    arb_mat_clear(defect);
    arb_clear(norm);
    arb_clear(sum);
    arb_clear(t);
    return regular;
}

/* Whether the vectors, rows of a k x n matrix, are independent: their Gram matrix is positive definite. */
static int are_independent(arb_srcptr entry, slong k, slong n)
{
    slong i, j;
    int independent;
    arb_mat_t gram;
    arb_mat_init(gram, k, k);
    for (i = 0; i < k; i++)
    {
        for (j = 0; j <= i; j++)
        {
            arb_dot(arb_mat_entry(gram, i, j), NULL, 0, entry + i * n, 1, entry + j * n, 1, n, FOCAL_ROUGH);
        }
    }
    independent = caustic_form_is_positive(NULL, gram, FOCAL_ROUGH) == T_TRUE;
    arb_mat_clear(gram);
    return independent;
}

/* Whether the cometric is positive definite, the generators independent, and the stratum's expressions without
   zeros, at all points of the box. */
static int shape_holds(const characteristic * c, arb_srcptr x)
{
    const caustic_focal_problem * problem = c->problem;
    slong n = problem->dimension, i, j;
    int holds, strata = 1;
    arb_ptr value = _arb_vec_init(shape_roots(problem)), generator, stratum;
    arb_mat_t cometric;

    caustic_tape_evaluate_arb(value, c->shape, x, FOCAL_ROUGH);
    generator = value + n * n;
    stratum = generator + problem->generators * n;
    arb_mat_init(cometric, n, n);
    for (i = 0; i < n; i++)
    {
        for (j = 0; j < n; j++)
        {
            arb_set(arb_mat_entry(cometric, i, j), value + i * n + j);
        }
    }
    for (i = 0; i < problem->strata; i++)
    {
        strata = strata && arb_is_nonzero(stratum + i);
    }
    holds = arb_mat_is_finite(cometric) && caustic_form_is_positive(NULL, cometric, FOCAL_ROUGH) == T_TRUE
        && are_independent(generator, problem->generators, n) && strata;
    arb_mat_clear(cometric);
    _arb_vec_clear(value, shape_roots(problem));
    return holds;
}

static int in_domain(const characteristic * c, arb_srcptr x)
{
    slong i;
    for (i = 0; c->problem->domain != NULL && i < c->problem->dimension; i++)
    {
        if (caustic_interval_contains_arb(c->problem->domain + i, x + i) != T_TRUE)
        {
            return 0;
        }
    }
    return 1;
}

/* On a stretch of the prepared step: domain and shape at every point passed. */
static int shape_holds_on(const focal_characteristic * c, caustic_orbit_t orbit, const arb_t stretch)
{
    slong n = c->problem->dimension, i;
    int holds;
    arb_ptr x = _arb_vec_init(n);
    for (i = 0; i < n; i++)
    {
        caustic_orbit_value(x + i, orbit, i, stretch, FOCAL_ROUGH);
    }
    holds = in_domain(c, x) && shape_holds(c, x);
    _arb_vec_clear(x, n);
    return holds;
}

/* B(s)/s regular. */
static int has_regular_slope(caustic_orbit_t orbit, slong n, const arb_t stretch)
{
    int regular;
    arb_mat_t slope, b;
    arb_mat_init(slope, 2 * n, 2 * n);
    arb_mat_init(b, n, n);
    caustic_orbit_jacobian_slope(slope, orbit, stretch, FOCAL_ROUGH);
    block(b, slope, 0, n);
    regular = is_regular(b);
    arb_mat_clear(slope);
    arb_mat_clear(b);
    return regular;
}

/* Blocks (row, 0) and (row, n) of the Jacobian: res = first + second S. */
static void image(arb_mat_t res, const arb_mat_t jacobian, slong row, const arb_mat_t s)
{
    slong n = arb_mat_nrows(s);
    arb_mat_t part;
    arb_mat_init(part, n, n);
    block(part, jacobian, row, n);
    arb_mat_mul(res, part, s, FOCAL_ROUGH);
    block(part, jacobian, row, 0);
    arb_mat_add(res, res, part, FOCAL_ROUGH);
    arb_mat_clear(part);
}

/* A + B S regular. */
static int has_regular_image(caustic_orbit_t orbit, const arb_mat_t s, const arb_t stretch)
{
    slong n = arb_mat_nrows(s);
    int regular;
    arb_mat_t jacobian, j;
    arb_mat_init(jacobian, 2 * n, 2 * n);
    arb_mat_init(j, n, n);
    caustic_orbit_jacobian(jacobian, orbit, stretch, FOCAL_ROUGH);
    image(j, jacobian, 0, s);
    regular = is_regular(j);
    arb_mat_clear(jacobian);
    arb_mat_clear(j);
    return regular;
}

/* What one characteristic needs, or, with a form, a set of them. */
static int holds_on(const focal_characteristic * c, caustic_orbit_t orbit, const arb_mat_struct * form, const arb_t stretch)
{
    return shape_holds_on(c, orbit, stretch)
        && (form == NULL ? has_regular_slope(orbit, c->problem->dimension, stretch) : has_regular_image(orbit, form, stretch));
}

#define MOST_STRETCHES 200

/* The largest e, as far as stretches of at least end/2^10 tell, for which all that must hold does on [0, e]; a little less than `end` where it does
   everywhere: radii are rounded up, and no stretch may pass the end. Exact. */
static void covered(arb_t e, const characteristic * c, caustic_orbit_t orbit, const arb_mat_struct * form, const arb_t end)
{
    slong look;
    arb_t last, width, least, next, stretch;

    arb_init(last);
    arb_init(width);
    arb_init(least);
    arb_init(next);
    arb_init(stretch);
    arb_zero(e);
    arb_mul_2exp_si(last, end, -24);
    arb_sub(last, end, last, ARF_PREC_EXACT);
    arb_set(width, last);
    arb_mul_2exp_si(least, end, -10);
    for (look = 0; look < MOST_STRETCHES && arb_lt(e, last) && arb_ge(width, least); look++)
    {
        arb_add(next, e, width, ARF_PREC_EXACT);
        if (!arb_le(next, last))
        {
            arb_set(next, last);
        }
        focal_ball(stretch, e, next);
        arb_nonnegative_part(stretch, stretch);
        if (holds_on(c, orbit, form, stretch))
        {
            arb_set(e, next);
            arb_mul_2exp_si(width, width, 1);
        }
        else
        {
            arb_mul_2exp_si(width, width, -1);
        }
    }
    arb_clear(last);
    arb_clear(width);
    arb_clear(least);
    arb_clear(next);
    arb_clear(stretch);
}

/* The search *********************************************************************************/

/* (x, p) and (J; P) at the start: J the derivative of the foot, P = Hessian J. */
static int begin(caustic_orbit_t orbit, const characteristic * c, arb_srcptr foot, slong precision)
{
    slong n = c->problem->dimension, m = c->problem->feet, i, j, prec = precision + FOCAL_ROUGH;
    int finite;
    arb_ptr start = _arb_vec_init(n + n * m), data = _arb_vec_init(1 + n + n * n), state = _arb_vec_init(2 * n);
    arb_mat_t columns;

    arb_mat_init(columns, 2 * n, m);
    caustic_tape_evaluate_arb(start, c->start, foot, prec);
    caustic_tape_evaluate_arb(data, c->data, start, prec);
    finite = _arb_vec_is_finite(start, n + n * m) && _arb_vec_is_finite(data, 1 + n + n * n);
    for (i = 0; i < n; i++)
    {
        arb_set_round(state + i, start + i, precision);
        arb_set_round(state + n + i, data + 1 + i, precision);
        for (j = 0; j < m; j++)
        {
            arb_set_round(arb_mat_entry(columns, i, j), start + n + i * m + j, precision);
            arb_dot(arb_mat_entry(columns, n + i, j), NULL, 0, data + 1 + n + i * n, 1, start + n + j, m, n, precision);
        }
    }
    caustic_orbit_init(orbit, c->flow, state, precision);
    caustic_orbit_vary(orbit, columns);
    arb_mat_clear(columns);
    _arb_vec_clear(start, n + n * m);
    _arb_vec_clear(data, 1 + n + n * n);
    _arb_vec_clear(state, 2 * n);
    return finite;
}

/* The longest step wanted: a little beyond the limit, so that a focal time at the limit is inside a step; without a
   limit not much more than all steps before. 0: the limit is reached. */
static int longest_step(arb_t res, const characteristic * c, const caustic_orbit_t orbit)
{
    arb_srcptr limit = c->options->time_limit;
    int before = 1;
    arb_t beyond;
    if (limit == NULL)
    {
        arb_add_ui(res, orbit->time, 1, FOCAL_ROUGH);
        return 1;
    }
    arb_init(beyond);
    arb_sub(res, limit, orbit->time, 2 * orbit->precision);
    before = arb_is_positive(res);
    arb_mul_2exp_si(beyond, limit, -4);
    arb_add(res, res, beyond, orbit->precision);
    arb_clear(beyond);
    return before;
}

/* In the step, covered up to `end`: N > 0 at 0+, not at end. Where it is found, time becomes an enclosure. */
static int bracket(caustic_focal_t result, form_context * form, const arb_t end)
{
    arb_t lower, upper;
    int found;

    arb_init(lower);
    arb_init(upper);
    arb_set(upper, end);
    form->prec = form->orbit->precision;
    found = sign_of_form(NULL, form, upper) == T_FALSE;
    if (found)
    {
        focal_bisect(lower, upper, &result->multiplicity, sign_of_form, form, form->orbit->precision);
        focal_ball(result->time, lower, upper);
        arb_add(result->time, result->time, form->orbit->time, 2 * form->orbit->precision);
        arb_add(lower, lower, form->orbit->time, 2 * form->orbit->precision);
        arb_get_lbound_arf(arb_midref(result->reached), lower, 2 * form->orbit->precision);
        result->found = 1;
    }
    arb_clear(lower);
    arb_clear(upper);
    return found;
}

/* The largest of end, end/2, end/4, ... at which N > 0; 0 if there is none among the first of them. */
static int positive_end(arb_t end, form_context * form)
{
    slong attempt;
    for (attempt = 0; attempt < 20; attempt++)
    {
        if (sign_of_form(NULL, form, end) == T_TRUE)
        {
            return 1;
        }
        arb_mul_2exp_si(end, end, -1);
    }
    return 0;
}

/* One step: 1 if the focal time was found in it. */
static int one_step(caustic_result * status, caustic_focal_t result, characteristic * c, caustic_orbit_t orbit,
    const arb_t most, arb_mat_t hessian, caustic_error_t error)
{
    int found = 0;
    form_context form = {orbit, hessian, FOCAL_ROUGH};
    arb_t end, least;

    arb_init(end);
    arb_init(least);
    *status = caustic_orbit_prepare(orbit, most, error);
    if (*status == CAUSTIC_OK && !hessian_now(hessian, c, orbit))
    {
        *status = focal_stop(result, CAUSTIC_NO_RESOURCES, "the Jacobi fields are not known well enough to be inverted", error);
    }
    if (*status == CAUSTIC_OK)
    {
        covered(end, c, orbit, NULL, orbit->step);
        arb_mul_2exp_si(least, orbit->step, -8);
        if (!arb_gt(end, least))
        {
            *status = focal_stop(result, CAUSTIC_UNSUPPORTED, "the characteristic cannot be kept inside the declared domain"
                " or stratum, or the cometric is not certainly positive definite there", error);
        }
    }
    if (*status == CAUSTIC_OK && sign_of_form(NULL, &form, end) != T_TRUE)
    {
        found = bracket(result, &form, end);
        if (!found && !positive_end(end, &form))
        {
            *status = focal_stop(result, CAUSTIC_NO_RESOURCES, "whether the Jacobi fields degenerate could not be decided", error);
        }
    }
    if (*status == CAUSTIC_OK && !found)
    {
        arb_set(least, orbit->time);
        *status = caustic_orbit_advance(orbit, end, error);
        if (*status != CAUSTIC_OK && arb_equal(least, orbit->time) && _arb_vec_is_finite(orbit->state, 2 * c->problem->dimension))
        {
            *status = CAUSTIC_OK; /* a shorter step comes next; steps that are too short cannot be prepared, so this ends */
        }
        arb_get_lbound_arf(arb_midref(result->reached), orbit->time, 2 * orbit->precision);
    }
    arb_clear(end);
    arb_clear(least);
    return found;
}

/* From the foot to the first focal time. */
static caustic_result follow(caustic_focal_t result, characteristic * c, caustic_orbit_t orbit, caustic_error_t error)
{
    slong n = c->problem->dimension;
    int found = 0;
    caustic_result status = CAUSTIC_OK;
    arb_mat_t hessian;
    arb_t most;

    arb_mat_init(hessian, n, n);
    arb_init(most);
    for (result->steps = 0; status == CAUSTIC_OK && !found && result->steps < c->options->step_limit; result->steps++)
    {
        if (!longest_step(most, c, orbit))
        {
            c->settled = 1;
            status = focal_stop(result, CAUSTIC_NO_RESOURCES, "no focal time up to the time limit: the Jacobi fields do not degenerate", error);
            break;
        }
        found = one_step(&status, result, c, orbit, most, hessian, error);
    }
    if (status == CAUSTIC_OK && !found)
    {
        c->settled = 1;
        status = focal_stop(result, CAUSTIC_NO_RESOURCES, "the limit of steps was reached", error);
    }
    if (found && c->options->time_limit != NULL && !arb_le(result->time, c->options->time_limit))
    {
        c->settled = arb_gt(result->time, c->options->time_limit);
        status = focal_stop(result, CAUSTIC_NO_RESOURCES, "no focal time is certainly before the time limit", error);
    }
    arb_mat_clear(hessian);
    arb_clear(most);
    return status;
}

/* A solution that ends ends at the same time with more bits: then it is enough to have seen it twice. */
static void note_stop(characteristic * c, const caustic_orbit_t orbit)
{
    arb_t bound;
    arb_init(bound);
    arb_mul_ui(bound, c->stopped, 1001, FOCAL_ROUGH);
    arb_div_ui(bound, bound, 1000, FOCAL_ROUGH);
    c->settled = c->settled || (arb_is_nonnegative(c->stopped) && arb_le(orbit->time, bound));
    arb_set(c->stopped, orbit->time);
    arb_clear(bound);
}

/* One attempt at a given precision. */
static caustic_result attempt(caustic_focal_t result, characteristic * c, arb_srcptr foot, slong precision, caustic_error_t error)
{
    caustic_result status;
    caustic_orbit_t orbit;

    focal_reset(result);
    result->precision = precision;
    if (!begin(orbit, c, foot, precision))
    {
        status = focal_stop(result, CAUSTIC_NO_RESOURCES, "the characteristic cannot be started at this foot", error);
    }
    else
    {
        status = follow(result, c, orbit, error);
        if (status != CAUSTIC_OK && !result->found)
        {
            note_stop(c, orbit);
        }
        else if (status == CAUSTIC_OK && !focal_is_narrow(result->time, c->options->digits))
        {
            /* where the ball of the foot is what widens the time, bits do not help */
            mag_mul_2exp_si(c->width, c->width, -1);
            c->settled = mag_cmp(arb_radref(result->time), c->width) > 0;
            mag_set(c->width, arb_radref(result->time));
            status = focal_stop(result, CAUSTIC_NO_RESOURCES, "the focal time was found, but not to the digits asked for", error);
        }
    }
    caustic_orbit_clear(orbit);
    return status;
}

caustic_result focal_characteristic_integrate(caustic_focal_t result, focal_characteristic * c, arb_srcptr foot,
    const caustic_focal_options * options, caustic_error_t error)
{
    slong precision = focal_first_precision(options);
    caustic_result status = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0, "the precision limit of %ld bits does not allow"
        " %ld digits", (long) options->precision_limit, (long) options->digits);

    focal_reset(result);
    c->options = options;
    c->settled = 0;
    mag_inf(c->width);
    arb_set_si(c->stopped, -1);
    while (status == CAUSTIC_NO_RESOURCES && !c->settled && precision <= options->precision_limit)
    {
        status = attempt(result, c, foot, precision, error);
        precision += FLINT_BITS * FLINT_MAX(1, precision / (2 * FLINT_BITS));
    }
    if (status == CAUSTIC_OK)
    {
        /* what lower precisions lacked is not an error any more */
        caustic_error_clear(error);
        caustic_error_init(error);
    }
    return status;
}

/* Many feet at once **************************************************************************/

/* Replaces a ball matrix by one exact form below every symmetric matrix in it: an error E with |E_ij| <= r_ij is at most the diagonal of
   the row sums of r, as that minus E is diagonally dominant. [FOCAL-17] */
static void form_below(arb_mat_t form)
{
    slong n = arb_mat_nrows(form), i, j;
    arb_mat_t transpose;
    arb_t sum, t;

    arb_mat_init(transpose, n, n);
    arb_init(sum);
    arb_init(t);
    arb_mat_transpose(transpose, form);
    arb_mat_add(form, form, transpose, ARF_PREC_EXACT);
    arb_mat_scalar_mul_2exp_si(form, form, -1);
    for (i = 0; i < n; i++)
    {
        arb_zero(sum);
        for (j = 0; j < n; j++)
        {
            arb_get_rad_arb(t, arb_mat_entry(form, i, j));
            arb_add(sum, sum, t, FOCAL_ROUGH);
            mag_zero(arb_radref(arb_mat_entry(form, i, j)));
        }
        arb_sub(arb_mat_entry(form, i, i), arb_mat_entry(form, i, i), sum, 2 * FOCAL_ROUGH);
        arb_get_lbound_arf(arb_midref(arb_mat_entry(form, i, i)), arb_mat_entry(form, i, i), 2 * FOCAL_ROUGH);
        mag_zero(arb_radref(arb_mat_entry(form, i, i)));
    }
    arb_mat_clear(transpose);
    arb_clear(sum);
    arb_clear(t);
}

/* What a form below all S = P J^-1 of the set becomes after s: below all (C + D S)(A + B S)^-1, which grow with S. [FOCAL-17] */
static int move_bound(arb_mat_t bound, caustic_orbit_t orbit, const arb_t s)
{
    slong n = arb_mat_nrows(bound);
    int regular;
    arb_mat_t jacobian, j, p;

    arb_mat_init(jacobian, 2 * n, 2 * n);
    arb_mat_init(j, n, n);
    arb_mat_init(p, n, n);
    caustic_orbit_jacobian(jacobian, orbit, s, FOCAL_ROUGH);
    image(j, jacobian, 0, bound);
    image(p, jacobian, n, bound);
    /* J^T S = P^T, S symmetric */
    arb_mat_transpose(j, j);
    arb_mat_transpose(p, p);
    regular = arb_mat_solve(bound, j, p, FOCAL_ROUGH) && arb_mat_is_finite(bound);
    form_below(bound);
    arb_mat_clear(jacobian);
    arb_mat_clear(j);
    arb_mat_clear(p);
    return regular;
}

/* The second derivatives of the function on a ball around the centre, d^2 l(c) + d^3 l r, where that is narrower. */
static void tighten(arb_ptr second, const focal_characteristic * c, arb_srcptr at_centre, arb_srcptr ball, arb_srcptr r, slong prec)
{
    slong n = c->problem->dimension, i;
    arb_ptr third;
    arb_t t;
    if (c->third == NULL)
    {
        return;
    }
    third = _arb_vec_init(n * n * n);
    arb_init(t);
    caustic_tape_evaluate_arb(third, c->third, ball, prec);
    for (i = 0; i < n * n; i++)
    {
        arb_dot(t, at_centre + i, 0, third + i * n, 1, r, 1, n, prec);
        if (arb_is_finite(t) && mag_cmp(arb_radref(t), arb_radref(second + i)) < 0)
        {
            arb_swap(second + i, t);
        }
    }
    arb_clear(t);
    _arb_vec_clear(third, n * n * n);
}

void focal_characteristic_prepare_sets(focal_characteristic * c)
{
    if (c->third == NULL)
    {
        c->third = third_derivatives(c->problem);
    }
}

/* (x, p) at all of the feet: x = c + r, p = dl(c) + H r + (d^2 l - H) r with a matrix H amid the second derivatives, by the mean value
   theorem: p follows x. bound: a form below all S = d^2 l. [FOCAL-13] */
static int begin_set(caustic_orbit_t orbit, arb_mat_t bound, const focal_characteristic * c, arb_srcptr feet, slong precision)
{
    slong n = c->problem->dimension, m = c->problem->feet, i, j, prec = precision + FOCAL_ROUGH;
    int finite;
    arb_ptr start = _arb_vec_init(n + n * m), data = _arb_vec_init(1 + n + n * n), here = _arb_vec_init(1 + n + n * n);
    arb_ptr centre = _arb_vec_init(2 * n), box = _arb_vec_init(2 * n), second, term = _arb_vec_init(n);
    arb_mat_t frame;

    arb_mat_init(frame, 2 * n, 2 * n);
    arb_mat_one(frame);
    caustic_tape_evaluate_arb(start, c->start, feet, prec);
    caustic_tape_evaluate_arb(data, c->data, start, prec);
    for (i = 0; i < n; i++)
    {
        arb_get_mid_arb(centre + i, start + i);
        mag_set(arb_radref(box + i), arb_radref(start + i));
    }
    caustic_tape_evaluate_arb(here, c->data, centre, prec);
    finite = _arb_vec_is_finite(start, n) && _arb_vec_is_finite(data, 1 + n + n * n) && _arb_vec_is_finite(here, 1 + n + n * n);
    second = data + 1 + n;
    if (finite)
    {
        tighten(second, c, here + 1 + n, start, box, prec);
    }
    for (i = 0; i < n; i++)
    {
        arb_get_mid_arb(centre + n + i, here + 1 + i);
        for (j = 0; j < n; j++)
        {
            arb_set(arb_mat_entry(bound, i, j), second + i * n + j);
            arb_get_mid_arb(arb_mat_entry(frame, n + i, j), second + i * n + j);
            arb_sub(term + j, second + i * n + j, arb_mat_entry(frame, n + i, j), prec);
        }
        arb_dot(box + n + i, NULL, 0, term, 1, box, 1, n, prec);
        arb_add_error_mag(box + n + i, arb_radref(here + 1 + i));
    }
    form_below(bound);
    caustic_orbit_init_set(orbit, c->flow, centre, frame, box, precision);
    arb_mat_clear(frame);
    _arb_vec_clear(start, n + n * m);
    _arb_vec_clear(data, 1 + n + n * n);
    _arb_vec_clear(here, 1 + n + n * n);
    _arb_vec_clear(centre, 2 * n);
    _arb_vec_clear(box, 2 * n);
    _arb_vec_clear(term, n);
    return finite;
}

/* What ends the part of the step on which all holds. */
static void say_what_ends(const focal_characteristic * c, caustic_orbit_t orbit, const arb_t end, caustic_error_t error)
{
    arb_t beyond;
    arb_init(beyond);
    arb_sub(beyond, orbit->step, end, ARF_PREC_EXACT);
    arb_mul_2exp_si(beyond, beyond, -2);
    arb_add(beyond, beyond, end, ARF_PREC_EXACT);
    if (shape_holds_on(c, orbit, beyond))
    {
        (void) caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0, "whether the Jacobi fields degenerate could not be decided");
    }
    else
    {
        (void) caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0, "the characteristics cannot be kept inside the declared domain"
            " or stratum, or the cometric is not certainly positive definite there");
    }
    arb_clear(beyond);
}

/* One step of the set, as far as all that must hold does; none of its characteristics focuses in (0, free]. Whether it may be followed further. */
static int set_step(arb_t free, const focal_characteristic * c, caustic_orbit_t orbit, arb_mat_t bound, const arb_t most, caustic_error_t error)
{
    int further;
    arb_t end, t;

    arb_init(end);
    arb_init(t);
    further = caustic_orbit_prepare(orbit, most, error) == CAUSTIC_OK;
    if (further)
    {
        covered(end, c, orbit, bound, orbit->step);
        arb_add(t, end, orbit->time, 2 * orbit->precision);
        arb_get_lbound_arf(arb_midref(free), t, 2 * orbit->precision);
        arb_mul_2exp_si(t, orbit->step, -4);
        further = arb_gt(end, t);
        if (!further)
        {
            say_what_ends(c, orbit, end, error);
        }
    }
    further = further && move_bound(bound, orbit, end) && caustic_orbit_advance(orbit, end, error) == CAUSTIC_OK;
    arb_clear(end);
    arb_clear(t);
    return further;
}

int focal_set_is_free(arb_t free, slong * steps, const focal_characteristic * c, arb_srcptr feet, const arb_t until, slong step_limit, slong precision,
    caustic_error_t error)
{
    slong n = c->problem->dimension;
    int further;
    caustic_orbit_t orbit;
    arb_mat_t bound;
    arb_t most, beyond;

    arb_zero(free);
    arb_mat_init(bound, n, n);
    arb_init(most);
    arb_init(beyond);
    /* so that rounding does not leave a rest */
    arb_mul_2exp_si(beyond, until, -22);
    arb_add(beyond, beyond, until, ARF_PREC_EXACT);
    further = begin_set(orbit, bound, c, feet, precision);
    if (!further)
    {
        (void) caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0, "the loss is not certainly smooth at all of the feet");
    }
    for (*steps = 0; further && arb_lt(free, until) && *steps < step_limit; (*steps)++)
    {
        arb_sub(most, beyond, orbit->time, 2 * precision);
        further = set_step(free, c, orbit, bound, most, error);
    }
    if (further && arb_lt(free, until))
    {
        (void) caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0, "the limit of steps was reached");
    }
    caustic_orbit_clear(orbit);
    arb_mat_clear(bound);
    arb_clear(most);
    arb_clear(beyond);
    return arb_ge(free, until);
}

caustic_result caustic_focal_integrate(caustic_focal_t result, const caustic_focal_problem * problem,
    arb_srcptr foot, const caustic_focal_options * options, caustic_error_t error)
{
    characteristic * c;
    caustic_result status = focal_check(problem, options, error);

    focal_reset(result);
    if (status != CAUSTIC_OK)
    {
        return status;
    }
    c = focal_characteristic_new(problem, error);
    if (c == NULL)
    {
        return CAUSTIC_BAD_INPUT;
    }
    status = focal_characteristic_integrate(result, c, foot, options, error);
    focal_characteristic_free(c);
    return status;
}
