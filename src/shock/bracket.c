/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    T* between two bounds in high dimension, where no box can be divided: the cometric is a matrix of numbers g = L L^T, and
    the eigenvalues wanted are those of S = L^T H L with the matrix H of second derivatives of the loss.

    From below, one matrix M with H >= M at all points of the box, and a Cholesky factor of L^T M L - mu [HESSIAN-9].
    From above, a Rayleigh quotient of S at a point [HESSIAN-10].
*/

#include <string.h>
#include "base/ball.h"
#include "bracket.h"

/* Functions of one coordinate are bounded on 2^DEPTH parts of its interval at most. */
#define DEPTH 12

/* Second derivatives *************************************************************************/

static int
is_number(const caustic_pool * pool, caustic_expr e)
{
    return e != CAUSTIC_NONE && caustic_expr_op(pool, e) == CAUSTIC_OP_NUMBER;
}

int
bracket_applies(const caustic_shock_flat_problem * problem)
{
    slong d = problem->dimension;

    for (slong i = 0; i < d * d; i++)
        if (!is_number(problem->pool, problem->cometric[i]))
            return 0;
    return d > BRACKET_ABOVE || (d > 1 && problem->points > 0);
}

static int
set_second_derivatives(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension;
    int good = 1;

    for (slong i = 0; i < d && good; i++)
    {
        caustic_expr slope = caustic_derivative(problem->pool, problem->loss, problem->z[i]);

        good = slope != CAUSTIC_NONE;
        for (slong j = i; j < d && good; j++)
        {
            caustic_expr e = caustic_derivative(problem->pool, slope, problem->z[j]);

            hessian->form[i * d + j] = hessian->form[j * d + i] = e;
            good = e != CAUSTIC_NONE;
        }
    }
    return good;
}

/* L with g = L L^T; 0: g is not proved positive. */
static int
set_root(arb_mat_t root, const caustic_shock_flat_problem * problem, slong prec)
{
    slong d = problem->dimension;

    for (slong i = 0; i < d * d; i++)
        arb_set_fmpq(arb_mat_entry(root, i / d, i % d), caustic_expr_fmpq(problem->pool, problem->cometric[i]), prec);
    return arb_mat_cho(root, root, prec);
}

/* The matrix of second derivatives at a point or over a box; 0: not finite. */
static int
evaluate(arb_mat_t h, const caustic_tape * tape, arb_srcptr z, slong prec)
{
    slong d = arb_mat_nrows(h), at = 0;
    arb_ptr values = _arb_vec_init(d * (d + 1) / 2);
    int finite;

    caustic_tape_evaluate_arb(values, tape, z, prec);
    finite = _arb_vec_is_finite(values, d * (d + 1) / 2);
    for (slong i = 0; i < d; i++)
        for (slong j = i; j < d; j++, at++)
        {
            arb_set(arb_mat_entry(h, i, j), values + at);
            arb_set(arb_mat_entry(h, j, i), values + at);
        }
    _arb_vec_clear(values, d * (d + 1) / 2);
    return finite;
}

static caustic_tape *
tape_of_form(const hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension, length = 0;
    caustic_expr * roots = flint_malloc((size_t) (d * (d + 1) / 2) * sizeof(caustic_expr));
    caustic_tape * tape;

    for (slong i = 0; i < d; i++)
        for (slong j = i; j < d; j++)
            roots[length++] = hessian->form[i * d + j];
    tape = caustic_tape_new(problem->pool, roots, length, problem->z, d);
    flint_free(roots);
    return tape;
}

/* S = L^T H L */
static void
transform(arb_mat_t s, const arb_mat_t h, const arb_mat_t root, slong prec)
{
    slong d = arb_mat_nrows(h);
    arb_mat_t transposed;

    arb_mat_init(transposed, d, d);
    arb_mat_transpose(transposed, root);
    arb_mat_mul(s, transposed, h, prec);
    arb_mat_mul(s, s, root, prec);
    arb_mat_clear(transposed);
}

/* A function of one coordinate ****************************************************************/

static void
value_below(arf_t res, const caustic_tape * tape, const arf_t x, slong prec)
{
    arb_t point, value;

    arb_init(point);
    arb_init(value);
    arb_set_arf(point, x);
    caustic_tape_evaluate_arb(value, tape, point, prec);
    ball_floor(res, value, prec);
    arb_clear(point);
    arb_clear(value);
}

/* f'' >= m > 0 on [a, b]: f >= f(c) - f'(c)^2/(2 m) there, for each c of it; Newton's method makes f'(c) small. */
static void
convex_below(arf_t res, const caustic_tape * tape, const arf_t a, const arf_t b, const arb_t curvature, slong prec)
{
    arb_ptr room = _arb_vec_init(5), c = room + 3, m = room + 4, out = room;
    arb_ptr const * outs = &out;

    arf_add(arb_midref(c), a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(arb_midref(c), arb_midref(c), -1);
    arb_get_lbound_arf(arb_midref(m), curvature, prec);
    for (int step = 0; ; step++)
    {
        caustic_tape_evaluate_series((arb_ptr *) outs, tape, c, 3, prec);
        if (step == 12 || !_arb_vec_is_finite(room, 3) || arb_contains_zero(room + 1) || !arb_is_positive(room + 2))
            break;
        arb_div(room + 1, room + 1, room + 2, prec);
        arb_mul_2exp_si(room + 1, room + 1, -1);
        arb_sub(c, c, room + 1, prec);
        mag_zero(arb_radref(c));
        if (arf_cmp(arb_midref(c), a) < 0)
            arf_set(arb_midref(c), a);
        if (arf_cmp(arb_midref(c), b) > 0)
            arf_set(arb_midref(c), b);
    }
    /* at an end with f' pointing inwards the convex f is least there */
    if ((arf_equal(arb_midref(c), a) && arb_is_nonnegative(room + 1)) || (arf_equal(arb_midref(c), b) && arb_is_nonpositive(room + 1)))
        arb_zero(room + 1);
    arb_sqr(room + 1, room + 1, prec);
    arb_div(room + 1, room + 1, m, prec);
    arb_mul_2exp_si(room + 1, room + 1, -1);
    arb_sub(room, room, room + 1, prec);
    ball_floor(res, room, prec);
    _arb_vec_clear(room, 5);
}

/* res <= f on [a, b] */
static void
line_below(arf_t res, const caustic_tape * tape, const arf_t a, const arf_t b, int depth, slong prec)
{
    arb_ptr f = _arb_vec_init(4), ball = f + 3;
    arb_ptr out = f;
    int finite;
    arf_t other;

    arf_init(other);
    arb_set_interval_arf(ball, a, b, prec);
    caustic_tape_evaluate_series(&out, tape, ball, 3, prec);
    finite = _arb_vec_is_finite(f, 3);
    if (finite && arb_is_nonnegative(f + 1))
        value_below(res, tape, a, prec);
    else if (finite && arb_is_nonpositive(f + 1))
        value_below(res, tape, b, prec);
    else if (finite && arb_is_positive(f + 2))
    {
        arb_mul_2exp_si(f + 2, f + 2, 1);
        convex_below(res, tape, a, b, f + 2, prec);
    }
    else if (finite && arb_is_negative(f + 2))
    {
        value_below(res, tape, a, prec);
        value_below(other, tape, b, prec);
        arf_min(res, res, other);
    }
    else if (depth == 0 || arf_cmp(a, b) >= 0)
    {
        ball_floor(res, f, prec);
    }
    else
    {
        arf_t middle;

        arf_init(middle);
        arf_add(middle, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_mul_2exp_si(middle, middle, -1);
        line_below(res, tape, a, middle, depth - 1, prec);
        line_below(other, tape, middle, b, depth - 1, prec);
        arf_min(res, res, other);
        arf_clear(middle);
    }
    _arb_vec_clear(f, 4);
    arf_clear(other);
}

/* The Hessian's lower bound on the box *********************************************************/

/* A coordinate's interval, rounded outwards. */
static void
set_ends(arf_t a, arf_t b, const region_struct * region, slong prec)
{
    arf_set_fmpq(a, region->lower, prec, ARF_RND_FLOOR);
    arf_set_fmpq(b, region->upper, prec, ARF_RND_CEIL);
    if (region->lower_infinite)
        arf_neg_inf(a);
    if (region->upper_infinite)
        arf_pos_inf(b);
}

/* The one coordinate that e depends on, else -1. */
static slong
only_coordinate(const caustic_shock_flat_problem * problem, caustic_expr e)
{
    slong which = -1;

    for (slong k = 0; k < problem->dimension; k++)
        if (caustic_expr_depends(problem->pool, e, problem->z[k]))
        {
            if (which >= 0)
                return -1;
            which = k;
        }
    return which;
}

/* res <= e on the box, term by term: the terms in z_k alone together, as a function of z_k; the others by their balls. */
static void
sum_below(arf_t res, const hessian_t hessian, caustic_expr e, arb_srcptr box, slong prec)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_pool * pool = problem->pool;
    slong d = problem->dimension;
    slong terms = caustic_expr_op(pool, e) == CAUSTIC_OP_SUM ? caustic_expr_arity(pool, e) : 1;
    caustic_expr * alone = flint_malloc((size_t) d * sizeof(caustic_expr)), rest = caustic_integer(pool, 0);
    caustic_tape * tape;
    arb_t sum, x;
    arf_t a, b;

    arb_init(sum);
    arb_init(x);
    arf_init(a);
    arf_init(b);
    for (slong k = 0; k < d; k++)
        alone[k] = CAUSTIC_NONE;
    for (slong t = 0; t < terms; t++)
    {
        caustic_expr term = caustic_expr_op(pool, e) == CAUSTIC_OP_SUM ? caustic_expr_child(pool, e, t) : e;
        slong k = only_coordinate(problem, term);

        if (k < 0 || !region_is_finite(hessian->region + k))
            rest = caustic_add(pool, rest, term);
        else
            alone[k] = alone[k] == CAUSTIC_NONE ? term : caustic_add(pool, alone[k], term);
    }
    tape = caustic_tape_new(pool, &rest, 1, problem->z, d);
    if (tape == NULL)
        arb_indeterminate(sum);
    else
        caustic_tape_evaluate_arb(sum, tape, box, prec);
    caustic_tape_free(tape);
    for (slong k = 0; k < d; k++)
    {
        if (alone[k] == CAUSTIC_NONE)
            continue;
        tape = caustic_tape_new(pool, alone + k, 1, problem->z + k, 1);
        set_ends(a, b, hessian->region + k, prec);
        if (tape == NULL)
            arf_neg_inf(a);
        else
            line_below(a, tape, a, b, DEPTH, prec);
        caustic_tape_free(tape);
        arb_set_arf(x, a);
        arb_add(sum, sum, x, prec);
    }
    ball_floor(res, sum, prec);
    flint_free(alone);
    arb_clear(sum);
    arb_clear(x);
    arf_clear(a);
    arf_clear(b);
}

/* M of [HESSIAN-9] in the place of the balls of H; 0: there is none. */
static int
make_lower(arb_mat_t h, hessian_t hessian, arb_srcptr box, slong prec)
{
    slong d = arb_mat_nrows(h);
    arb_t radius;
    arf_t least, other;
    int finite = 1;

    arb_init(radius);
    arf_init(least);
    arf_init(other);
    for (slong i = 0; i < d && finite; i++)
    {
        arb_struct * diagonal = arb_mat_entry(h, i, i);

        arb_get_lbound_arf(least, diagonal, prec);
        sum_below(other, hessian, hessian->form[i * d + i], box, prec);
        if (arf_cmp(other, least) > 0)
            arf_set(least, other);
        arb_set_arf(diagonal, least);
        for (slong j = 0; j < d; j++)
            if (j != i)
            {
                arb_get_rad_arb(radius, arb_mat_entry(h, i, j));
                arb_sub(diagonal, diagonal, radius, prec);
            }
        finite = arb_is_finite(diagonal);
    }
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            if (j != i)
                mag_zero(arb_radref(arb_mat_entry(h, i, j)));
    arb_clear(radius);
    arf_clear(least);
    arf_clear(other);
    return finite;
}

/* The other M of [HESSIAN-9], by the rows' sums, in which what depends on differences of coordinates cancels; 0: there is none. */
static int
make_lower_by_sums(arb_mat_t h, hessian_t hessian, arb_srcptr box, slong prec)
{
    caustic_pool * pool = hessian->problem->pool;
    slong d = arb_mat_nrows(h);
    arf_t least;
    int finite = 1;

    arf_init(least);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            if (j != i)
            {
                arb_get_ubound_arf(least, arb_mat_entry(h, i, j), prec);
                arb_set_arf(arb_mat_entry(h, i, j), least);
                finite = finite && arf_is_finite(least);
            }
    for (slong i = 0; i < d && finite; i++)
    {
        arb_struct * diagonal = arb_mat_entry(h, i, i);
        caustic_expr sum = hessian->form[i * d + i];

        for (slong j = 0; j < d; j++)
            if (j != i)
                sum = caustic_add(pool, sum, hessian->form[i * d + j]);
        sum_below(least, hessian, sum, box, prec);
        arb_set_arf(diagonal, least);
        for (slong j = 0; j < d; j++)
            if (j != i)
                arb_sub(diagonal, diagonal, arb_mat_entry(h, i, j), prec);
        finite = arb_is_finite(diagonal);
    }
    arf_clear(least);
    return finite;
}

/* The smallest eigenvalue of a matrix ********************************************************/

static void
rayleigh(arb_t quotient, const arb_mat_t s, arb_srcptr u, slong prec)
{
    slong d = arb_mat_nrows(s);
    arb_ptr image = _arb_vec_init(d + 1);

    arb_mat_vector_mul_col(image, s, u, prec);
    arb_dot(quotient, NULL, 0, image, 1, u, 1, d, prec);
    arb_dot(image + d, NULL, 0, u, 1, u, 1, d, prec);
    arb_div(quotient, quotient, image + d, prec);
    _arb_vec_clear(image, d + 1);
}

/* One step of inverse iteration with the number as its shift: u about the solution of (S - shift) x = u, exact numbers. */
static int
inverse_iteration(arb_ptr u, const arb_mat_t s, const arb_t shift, slong prec)
{
    slong d = arb_mat_nrows(s);
    arb_mat_t a, x;
    int good;

    arb_mat_init(a, d, d);
    arb_mat_init(x, d, 1);
    arb_mat_get_mid(a, s);
    for (slong i = 0; i < d; i++)
    {
        arb_sub(arb_mat_entry(a, i, i), arb_mat_entry(a, i, i), shift, prec);
        mag_zero(arb_radref(arb_mat_entry(a, i, i)));
        arb_set(arb_mat_entry(x, i, 0), u + i);
    }
    good = arb_mat_approx_solve(x, a, x, prec);
    if (good)
    {
        arb_t norm;

        arb_init(norm);
        for (slong i = 0; i < d; i++)
        {
            mag_zero(arb_radref(arb_mat_entry(x, i, 0)));
            arb_addmul(norm, arb_mat_entry(x, i, 0), arb_mat_entry(x, i, 0), prec);
        }
        arb_sqrt(norm, norm, prec);
        for (slong i = 0; i < d && good; i++)
        {
            arb_div(arb_mat_entry(x, i, 0), arb_mat_entry(x, i, 0), norm, prec);
            good = arb_is_finite(arb_mat_entry(x, i, 0));
            mag_zero(arb_radref(arb_mat_entry(x, i, 0)));
        }
        for (slong i = 0; i < d && good; i++)
            arb_set(u + i, arb_mat_entry(x, i, 0));
        arb_clear(norm);
    }
    arb_mat_clear(a);
    arb_mat_clear(x);
    return good;
}

/* A Rayleigh quotient of S that is about its smallest eigenvalue; certified is that it is one. */
static void
small_quotient(arb_t quotient, const arb_mat_t s, slong prec)
{
    slong d = arb_mat_nrows(s);
    double * a = flint_malloc((size_t) (2 * d * d + d) * sizeof(double)), * u = a + d * d, * w = u + d * d;
    arb_ptr v = _arb_vec_init(d + 1), next = v + d;

    for (slong i = 0; i < d * d; i++)
        a[i] = arf_get_d(arb_midref(arb_mat_entry(s, i / d, i % d)), ARF_RND_NEAR);
    symmetric_eigen(w, u, a, d);
    for (slong i = 0; i < d; i++)
        arb_set_d(v + i, u[i * d]);
    rayleigh(quotient, s, v, prec);
    for (int step = 0; step < 3 && arb_is_finite(quotient); step++)
    {
        mag_zero(arb_radref(next));
        arf_set(arb_midref(next), arb_midref(quotient));
        if (!inverse_iteration(v, s, next, prec))
            break;
        rayleigh(next, s, v, prec);
        if (!arb_is_finite(next) || !arb_lt(next, quotient))
            break;
        arb_set(quotient, next);
    }
    flint_free(a);
    _arb_vec_clear(v, d + 1);
}

/* Whether S - mu is positive definite, by a Cholesky factor. */
static int
is_above(const arb_mat_t s, const arf_t mu, slong prec)
{
    slong d = arb_mat_nrows(s);
    arb_mat_t a;
    int above;

    arb_mat_init(a, d, d);
    arb_mat_set(a, s);
    for (slong i = 0; i < d; i++)
        arb_sub_arf(arb_mat_entry(a, i, i), arb_mat_entry(a, i, i), mu, prec);
    above = arb_mat_cho(a, a, prec);
    arb_mat_clear(a);
    return above;
}

/* mu: all eigenvalues of S are above it; as near as the Cholesky factors exist. -inf: none was found. */
static void
eigenvalues_above(arf_t mu, const arb_mat_t s, slong goal, slong prec)
{
    slong bits[] = {goal, goal / 2, 30, 10, 3, 0, -4, -10};
    arb_t about;
    arf_t slack;

    arb_init(about);
    arf_init(slack);
    small_quotient(about, s, prec);
    arf_zero(mu);
    if (!arb_is_finite(about))
        arf_neg_inf(mu);
    else if (!is_above(s, mu, prec))
    {
        for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        {
            arf_abs(slack, arb_midref(about));
            arf_mul_2exp_si(slack, slack, -bits[i]);
            arf_sub(mu, arb_midref(about), slack, prec, ARF_RND_FLOOR);
            if (is_above(s, mu, prec))
                break;
            arf_neg_inf(mu);
        }
    }
    arb_clear(about);
    arf_clear(slack);
}

/* Smoothness *********************************************************************************/

static int
is_entire(caustic_op op)
{
    switch (op)
    {
        case CAUSTIC_OP_NUMBER: case CAUSTIC_OP_SYMBOL: case CAUSTIC_OP_PI: case CAUSTIC_OP_SUM: case CAUSTIC_OP_PRODUCT:
        case CAUSTIC_OP_EXP: case CAUSTIC_OP_SIN: case CAUSTIC_OP_COS: case CAUSTIC_OP_ATAN: case CAUSTIC_OP_SINH:
        case CAUSTIC_OP_COSH: case CAUSTIC_OP_TANH: case CAUSTIC_OP_SIGMOID: case CAUSTIC_OP_SOFTPLUS: case CAUSTIC_OP_ERF:
            return 1;
        default:
            return 0;
    }
}

static int
is_natural(const fmpq * exponent)
{
    return fmpz_is_one(fmpq_denref(exponent)) && fmpz_sgn(fmpq_numref(exponent)) > 0;
}

/* The loss is analytic around the closed box: all its operations are analytic everywhere, but powers and logarithms, whose
   arguments are positive on the box by their balls. */
static int
is_smooth(const caustic_shock_flat_problem * problem, arb_srcptr box, slong prec)
{
    caustic_pool * pool = problem->pool;
    caustic_expr loss = problem->loss, argument;
    char * below = flint_calloc((size_t) loss + 1, 1);
    int smooth = loss != CAUSTIC_NONE;
    arb_t value;

    arb_init(value);
    below[loss] = 1;
    for (caustic_expr e = loss; e > 0 && smooth; e--) /* children have smaller handles */
    {
        caustic_op op;
        caustic_tape * tape;

        if (!below[e])
            continue;
        for (slong i = 0; i < caustic_expr_arity(pool, e); i++)
            below[caustic_expr_child(pool, e, i)] = 1;
        op = caustic_expr_op(pool, e);
        if (is_entire(op) || (op == CAUSTIC_OP_POWER && is_natural(caustic_expr_fmpq(pool, e))))
            continue;
        smooth = op == CAUSTIC_OP_POWER || op == CAUSTIC_OP_LOG;
        if (!smooth)
            break;
        argument = caustic_expr_child(pool, e, 0);
        tape = caustic_tape_new(pool, &argument, 1, problem->z, problem->dimension);
        smooth = tape != NULL;
        if (smooth)
            caustic_tape_evaluate_arb(value, tape, box, prec);
        smooth = smooth && arb_is_finite(value) && arb_is_positive(value);
        caustic_tape_free(tape);
    }
    flint_free(below);
    arb_clear(value);
    return smooth;
}

/* All ****************************************************************************************/

/* floor <= all eigenvalues on the box: the better one of two. */
static void
bound_below(bracket_t bracket, hessian_t hessian, const caustic_tape * tape, const arb_mat_t root, arb_srcptr box, slong goal,
    slong prec)
{
    slong d = hessian->problem->dimension;
    arb_mat_t h;
    arf_t mu;

    arb_mat_init(h, d, d);
    arf_init(mu);
    for (int sums = 0; sums < 2 && arf_sgn(bracket->floor) < 0; sums++)
        if (evaluate(h, tape, box, prec) && (sums ? make_lower_by_sums : make_lower)(h, hessian, box, prec))
        {
            transform(h, h, root, prec);
            eigenvalues_above(mu, h, goal, prec);
            if (arf_cmp(mu, bracket->floor) > 0)
                arf_set(bracket->floor, mu);
        }
    arb_mat_clear(h);
    arf_clear(mu);
}

/* An eigenvalue at the point is <= ceiling. */
static void
bound_at(bracket_t bracket, slong which, const caustic_tape * tape, const arb_mat_t root, arb_srcptr point, slong prec)
{
    slong d = arb_mat_nrows(root);
    arb_t quotient;
    arb_mat_t h;
    arf_t x;

    arb_init(quotient);
    arb_mat_init(h, d, d);
    arf_init(x);
    if (evaluate(h, tape, point, prec))
    {
        transform(h, h, root, prec);
        small_quotient(quotient, h, prec);
        arb_get_ubound_arf(x, quotient, prec);
        if (arb_is_finite(quotient) && arf_cmp(x, bracket->ceiling) < 0)
        {
            arf_set(bracket->ceiling, x);
            bracket->where = which;
        }
    }
    arb_clear(quotient);
    arb_mat_clear(h);
    arf_clear(x);
}

/* The middle of the box, then the points that were given. */
static void
bound_above(bracket_t bracket, hessian_t hessian, const caustic_tape * tape, const arb_mat_t root, slong prec)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension;
    arb_ptr point = _arb_vec_init(d);
    fmpq_t x;

    fmpq_init(x);
    for (slong k = 0; k < d; k++)
    {
        region_inner_point(x, hessian->region + k);
        arb_set_fmpq(point + k, x, prec);
    }
    bound_at(bracket, 0, tape, root, point, prec);
    fmpq_clear(x);
    for (slong i = 0; i < problem->points; i++)
    {
        int inside = 1;

        for (slong k = 0; k < d; k++)
        {
            arb_set_fmpq(point + k, problem->point + i * d + k, prec);
            inside = inside && region_contains_expr(hessian->region + k, problem->pool,
                caustic_number(problem->pool, problem->point + i * d + k), point + k) == 1;
        }
        if (inside)
            bound_at(bracket, i + 1, tape, root, point, prec);
    }
    _arb_vec_clear(point, d);
}

void
bracket_init(bracket_t bracket)
{
    arf_init(bracket->floor);
    arf_init(bracket->ceiling);
    arf_neg_inf(bracket->floor);
    bracket->where = -1;
    bracket->largest = 0;
}

void
bracket_clear(bracket_t bracket)
{
    arf_clear(bracket->floor);
    arf_clear(bracket->ceiling);
}

int
bracket_find(bracket_t bracket, hessian_t hessian, slong goal)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension, prec = FLINT_MIN(goal + 2 * SEARCH_PRECISION + 2 * d, problem->precision_limit);
    caustic_tape * tape = NULL;
    arb_ptr box;
    arb_mat_t root;
    arf_t a, b;
    int good = hessian_open(hessian);

    if (!good)
        return 0;
    box = _arb_vec_init(d);
    arb_mat_init(root, d, d);
    arf_init(a);
    arf_init(b);
    for (slong k = 0; k < d; k++)
    {
        set_ends(a, b, hessian->region + k, prec);
        arb_set_interval_arf(box + k, a, b, prec);
    }
    good = set_root(root, problem, prec) && (is_smooth(problem, box, prec) || hessian_is_regular_by_form(hessian))
        && set_second_derivatives(hessian) && (tape = tape_of_form(hessian)) != NULL;
    if (good)
    {
        bound_below(bracket, hessian, tape, root, box, goal, prec);
        bound_above(bracket, hessian, tape, root, prec);
        bracket->largest = hessian_largest_block(hessian);
    }
    caustic_tape_free(tape);
    _arb_vec_clear(box, d);
    arb_mat_clear(root);
    arf_clear(a);
    arf_clear(b);
    return good;
}
