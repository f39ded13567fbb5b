/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    derivative: gradient and Hessian of the focal time by the foot [FOCAL-14].

    Jets of the characteristic by its foot are integrated to the focal time. There the equations of motion give its derivatives in
    time too, and det J, a jet in feet and time, vanishes on the graph of t*.
*/

#include <math.h>
#include <flint/arb_poly.h>
#include "focal/focal_internal.h"

struct caustic_focal_jets
{
    slong n;
    slong order;                 /* of the derivatives of t*: 1 or 2 */
    caustic_jet_shape * feet;    /* jets of the characteristic: one order more */
    caustic_jet_shape * joint;   /* jets of J in the feet and, as the last variable, time */
    caustic_flow * flow;
    caustic_tape * start;        /* (x, p) by the feet */
};

caustic_focal_jets * caustic_focal_jets_new(const caustic_focal_problem * problem, slong order, caustic_error_t error)
{
    slong n = problem->dimension, i;
    caustic_focal_jets * jets;
    caustic_expr * root;

    if (problem->feet != n || order < 1 || order > 2)
    {
        (void) caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "derivatives of a focal time are of order 1 or 2, and need as many symbols for the foot as dimensions");
        return NULL;
    }
    jets = flint_calloc(1, sizeof(caustic_focal_jets));
    jets->n = n;
    jets->order = order;
    jets->feet = caustic_jet_shape_new(n, order + 1);
    jets->joint = caustic_jet_shape_new(n + 1, order);
    jets->flow = focal_hamiltonian_jets(problem, jets->feet);
    root = flint_malloc(sizeof(caustic_expr) * (size_t) (2 * n));
    for (i = 0; i < n; i++)
    {
        root[i] = problem->start[i];
        root[n + i] = caustic_substitute(problem->pool, caustic_derivative(problem->pool, problem->function, problem->coordinate[i]),
            problem->coordinate, problem->start, n);
    }
    jets->start = caustic_tape_new(problem->pool, root, 2 * n, problem->foot, n);
    flint_free(root);
    if (jets->flow == NULL || jets->start == NULL)
    {
        (void) caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "the characteristic's equations are not defined by the parameters and coordinates alone");
        caustic_focal_jets_free(jets);
        return NULL;
    }
    return jets;
}

void caustic_focal_jets_free(caustic_focal_jets * jets)
{
    if (jets != NULL)
    {
        caustic_jet_shape_free(jets->feet);
        caustic_jet_shape_free(jets->joint);
        caustic_flow_free(jets->flow);
        caustic_tape_free(jets->start);
        flint_free(jets);
    }
}

/* To the focal time **************************************************************************/

/* The jets of (x, p) at the time 0. */
static void begin(arb_ptr state, const caustic_focal_jets * jets, arb_srcptr foot, slong prec)
{
    slong n = jets->n, length = caustic_jet_length(jets->feet), i;
    arb_ptr room = _arb_vec_init(n * length);
    arb_ptr * out = flint_malloc(sizeof(arb_ptr) * (size_t) (2 * n));
    arb_srcptr * in = flint_malloc(sizeof(arb_srcptr) * (size_t) n);
    for (i = 0; i < n; i++)
    {
        caustic_jet_variable(room + i * length, foot + i, i, jets->feet);
        in[i] = room + i * length;
    }
    for (i = 0; i < 2 * n; i++)
    {
        out[i] = state + i * length;
    }
    caustic_tape_evaluate_jet(out, jets->start, in, jets->feet, prec);
    _arb_vec_clear(room, n * length);
    flint_free(out);
    flint_free(in);
}

#define MOST_STEPS 1000

/* Moves on until all of `time` lies in the prepared step. */
static caustic_result approach(caustic_orbit_t orbit, arb_t since, const arb_t time, caustic_error_t error)
{
    caustic_result status = CAUSTIC_OK;
    slong steps;
    arb_t rest, next;

    arb_init(rest);
    arb_init(next);
    for (steps = 0; status == CAUSTIC_OK; steps++)
    {
        arb_sub(since, time, orbit->time, orbit->precision + FOCAL_ROUGH);
        arb_get_ubound_arf(arb_midref(rest), since, FOCAL_ROUGH);
        status = caustic_orbit_prepare(orbit, rest, error);
        if (status != CAUSTIC_OK || (arb_is_nonnegative(since) && arb_le(since, orbit->step)))
        {
            break;
        }
        /* never beyond the ball of times */
        arb_get_lbound_arf(arb_midref(next), since, FOCAL_ROUGH);
        if (arb_gt(next, orbit->step))
        {
            arb_set(next, orbit->step);
        }
        status = steps < MOST_STEPS && arb_is_positive(next) ? caustic_orbit_advance(orbit, next, error)
            : caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0, "the focal time is not known sharply enough for its derivatives");
    }
    arb_clear(rest);
    arb_clear(next);
    return status;
}

/* Jets of J in feet and time from those of the state: the coefficient of z^b s^k of dx_i/dz_j is (b_j + 1) times that of z^(b + e_j) s^k of x_i. */
static void jacobian_jets(arb_ptr res, const caustic_focal_jets * jets, arb_srcptr state, slong prec)
{
    slong n = jets->n, length = caustic_jet_length(jets->feet), joint = caustic_jet_length(jets->joint), order = jets->order;
    slong i, j, c, k;
    slong * exponents = flint_malloc(sizeof(slong) * (size_t) n);
    arb_ptr taylor = _arb_vec_init(2 * n * length * (order + 1));

    caustic_flow_taylor(taylor, jets->flow, state, order, prec);
    for (c = 0; c < joint; c++)
    {
        const slong * b = caustic_jet_exponents(jets->joint, c);
        for (j = 0; j < n; j++)
        {
            slong index;
            for (k = 0; k < n; k++)
            {
                exponents[k] = b[k] + (k == j);
            }
            index = caustic_jet_index(jets->feet, exponents);
            for (i = 0; i < n; i++)
            {
                arb_mul_si(res + (i * n + j) * joint + c, taylor + (i * length + index) * (order + 1) + b[n], b[j] + 1, prec);
            }
        }
    }
    flint_free(exponents);
    _arb_vec_clear(taylor, 2 * n * length * (order + 1));
}

/* The determinant ****************************************************************************/

static void swap_rows(arb_ptr a, arb_ptr b, slong length)
{
    slong k;
    for (k = 0; k < length; k++)
    {
        arb_swap(a + k, b + k);
    }
}

/* Brings the entry whose value is farthest from 0 to (r, r); 0: no entry is certainly not 0. */
static int pivot(arb_ptr a, slong n, slong length, slong r)
{
    slong i, j, row = -1, column = -1;
    mag_t most, size;
    mag_init(most);
    mag_init(size);
    for (i = r; i < n; i++)
    {
        for (j = r; j < n; j++)
        {
            arb_get_mag_lower(size, a + (i * n + j) * length);
            if (mag_cmp(size, most) > 0)
            {
                mag_swap(size, most);
                row = i;
                column = j;
            }
        }
    }
    mag_clear(most);
    mag_clear(size);
    if (row < 0)
    {
        return 0;
    }
    if (row != r)
    {
        swap_rows(a + row * n * length, a + r * n * length, n * length);
    }
    for (i = 0; i < n && column != r; i++)
    {
        swap_rows(a + (i * n + column) * length, a + (i * n + r) * length, length);
    }
    return 1;
}

/* Gauss' elimination on jets. The last entry is then det J over a function without zeros, up to sign. 0: the rank may be less than n - 1. */
static int last_pivot(arb_ptr a, slong n, const caustic_jet_shape * shape, slong prec)
{
    slong length = caustic_jet_length(shape), r, i, j;
    arb_ptr inverse = _arb_vec_init(2 * length), factor = inverse + length, product = _arb_vec_init(length);
    int regular = 1;

    for (r = 0; r + 1 < n && regular; r++)
    {
        regular = pivot(a, n, length, r);
        if (!regular)
        {
            break;
        }
        caustic_jet_inv(inverse, a + (r * n + r) * length, shape, prec);
        for (i = r + 1; i < n; i++)
        {
            caustic_jet_mul(factor, a + (i * n + r) * length, inverse, shape, prec);
            for (j = r + 1; j < n; j++)
            {
                caustic_jet_mul(product, factor, a + (r * n + j) * length, shape, prec);
                caustic_jet_sub(a + (i * n + j) * length, a + (i * n + j) * length, product, shape, prec);
            }
        }
    }
    _arb_vec_clear(inverse, 2 * length);
    _arb_vec_clear(product, length);
    return regular;
}

/* Derivatives of an implicit function ********************************************************/

/* The derivative of a jet by two of its variables. */
static void second(arb_t res, arb_srcptr e, slong k, slong l, const caustic_jet_shape * shape, slong prec)
{
    slong n = caustic_jet_variables(shape), i, * exponents = flint_calloc((size_t) n, sizeof(slong));
    for (i = 0; i < n; i++)
    {
        exponents[i] = (i == k) + (i == l);
    }
    arb_mul_si(res, e + caustic_jet_index(shape, exponents), k == l ? 2 : 1, prec);
    flint_free(exponents);
}

/* e(z, t*(z)) = 0: t_k = -e_k/e_s, t_kl = -(e_kl + e_ks t_l + e_ls t_k + e_ss t_k t_l)/e_s. */
static int implicit_derivatives(arb_ptr gradient, arb_mat_t hessian, arb_srcptr e, const caustic_focal_jets * jets, slong prec)
{
    slong n = jets->n, k, l;
    arb_srcptr e_s = e + 1 + n; /* the monomials of degree 1 stand in the order of the variables, after the constant */
    arb_t sum, t;

    if (!arb_is_finite(e_s) || arb_contains_zero(e_s))
    {
        return 0;
    }
    arb_init(sum);
    arb_init(t);
    for (k = 0; k < n; k++)
    {
        arb_div(gradient + k, e + 1 + k, e_s, prec);
        arb_neg(gradient + k, gradient + k);
    }
    for (k = 0; k < n && jets->order == 2; k++)
    {
        for (l = 0; l <= k; l++)
        {
            second(sum, e, n, n, jets->joint, prec);
            arb_mul(sum, sum, gradient + l, prec);
            second(t, e, k, n, jets->joint, prec);
            arb_mul(sum, sum, gradient + k, prec);
            arb_addmul(sum, t, gradient + l, prec);
            second(t, e, l, n, jets->joint, prec);
            arb_addmul(sum, t, gradient + k, prec);
            second(t, e, k, l, jets->joint, prec);
            arb_add(sum, sum, t, prec);
            arb_div(sum, sum, e_s, prec);
            arb_neg(arb_mat_entry(hessian, k, l), sum);
            arb_set(arb_mat_entry(hessian, l, k), arb_mat_entry(hessian, k, l));
        }
    }
    arb_clear(sum);
    arb_clear(t);
    return 1;
}

/* From the jets of the state at the focal time. */
static caustic_result derivatives_there(arb_ptr gradient, arb_mat_t hessian, const caustic_focal_jets * jets, arb_srcptr state, slong prec,
    caustic_error_t error)
{
    slong n = jets->n, joint = caustic_jet_length(jets->joint);
    arb_ptr jacobian = _arb_vec_init(n * n * joint);
    int simple;

    jacobian_jets(jacobian, jets, state, prec);
    simple = last_pivot(jacobian, n, jets->joint, prec)
        && implicit_derivatives(gradient, hessian, jacobian + (n * n - 1) * joint, jets, prec);
    _arb_vec_clear(jacobian, n * n * joint);
    return simple ? CAUSTIC_OK : caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
        "the focal time is not certainly simple, or the box of feet is too wide for its derivatives");
}

caustic_result caustic_focal_derivatives(arb_ptr gradient, arb_mat_t hessian, const caustic_focal_jets * jets, arb_srcptr foot,
    const arb_t time, slong precision, caustic_error_t error)
{
    slong length = 2 * jets->n * caustic_jet_length(jets->feet), i;
    arb_ptr state = _arb_vec_init(length);
    caustic_result status;
    caustic_orbit_t orbit;
    arb_t since;

    arb_init(since);
    begin(state, jets, foot, precision);
    caustic_orbit_init(orbit, jets->flow, state, precision);
    status = approach(orbit, since, time, error);
    for (i = 0; status == CAUSTIC_OK && i < length; i++)
    {
        caustic_orbit_value(state + i, orbit, i, since, precision);
    }
    if (status == CAUSTIC_OK)
    {
        status = derivatives_there(gradient, hessian, jets, state, precision, error);
    }
    caustic_orbit_clear(orbit);
    arb_clear(since);
    _arb_vec_clear(state, length);
    return status;
}

/* About, to guide a search *******************************************************************/

#define GUESS_STEPS 1000

/* The longest h for which the last terms are below 2^-(2/3 prec) of the state's size. */
static double guess_step(arb_srcptr taylor, slong values, slong order, slong prec)
{
    double size = -HUGE_VAL, least = HUGE_VAL;
    slong i, k;
    for (i = 0; i < values; i++)
    {
        size = fmax(size, (double) arf_abs_bound_lt_2exp_si(arb_midref(taylor + i * (order + 1))));
    }
    for (i = 0; i < values; i++)
    {
        for (k = order - 1; k <= order; k++)
        {
            const arb_struct * c = taylor + i * (order + 1) + k;
            if (!arf_is_zero(arb_midref(c)))
            {
                least = fmin(least, (size - 0.67 * (double) prec - (double) arf_abs_bound_lt_2exp_si(arb_midref(c))) / (double) k);
            }
        }
    }
    return exp2(least);
}

int focal_guess_derivatives(arb_ptr gradient, arb_mat_t hessian, const caustic_focal_jets * jets, arb_srcptr foot, const arb_t time,
    slong prec)
{
    slong length = 2 * jets->n * caustic_jet_length(jets->feet), order = prec / 5, steps, i;
    arb_ptr state = _arb_vec_init(length), taylor = _arb_vec_init(length * (order + 1));
    int good = 1;
    caustic_error_t error;
    arb_t left, step;

    arb_init(left);
    arb_init(step);
    caustic_error_init(error);
    arb_get_mid_arb(left, time);
    begin(state, jets, foot, prec);
    for (steps = 0; arb_is_positive(left) && steps < GUESS_STEPS && good; steps++)
    {
        caustic_flow_taylor(taylor, jets->flow, state, order, prec);
        arb_set_d(step, guess_step(taylor, length, order, prec));
        arb_min(step, step, left, prec);
        for (i = 0; i < length; i++)
        {
            _arb_poly_evaluate(state + i, taylor + i * (order + 1), order + 1, step, prec);
            mag_zero(arb_radref(state + i));
        }
        good = arb_is_positive(step) && _arb_vec_is_finite(state, length);
        arb_sub(left, left, step, prec);
        mag_zero(arb_radref(left));
    }
    good = good && !arb_is_positive(left) && derivatives_there(gradient, hessian, jets, state, prec, error) == CAUSTIC_OK;
    _arb_vec_clear(state, length);
    _arb_vec_clear(taylor, length * (order + 1));
    arb_clear(left);
    arb_clear(step);
    caustic_error_clear(error);
    return good;
}
