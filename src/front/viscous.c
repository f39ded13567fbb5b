/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    viscous: what small viscosity does at the first shock, and away from shocks.
*/

#include <flint/arb_hypgeom.h>
#include <math.h>
#include "front_internal.h"

/* The signature ********************************************************************************/

#define HALVINGS 60

/* Beyond lower and upper psi lies strictly above its tangent at the foot. */
static int
is_only_foot(const excess_struct * excess, const arb_t lower, const arb_t upper, slong prec)
{
    arf_t radius, far, near;
    arb_t end;
    int only;

    arf_init(radius);
    arf_init(far);
    arf_init(near);
    arb_init(end);
    excess_radius(radius, excess, prec);
    arb_set_arf(end, radius);
    arb_sub(end, excess->slope, end, prec);
    arb_get_lbound_arf(far, end, prec);
    arb_get_ubound_arf(near, lower, prec);
    only = arf_is_finite(far) && arf_is_finite(near) && (arf_cmp(far, near) >= 0 || excess_is_positive(excess, far, near, prec));
    arb_set_arf(end, radius);
    arb_add(end, excess->slope, end, prec);
    arb_get_ubound_arf(far, end, prec);
    arb_get_lbound_arf(near, upper, prec);
    only = only && arf_is_finite(far) && arf_is_finite(near) && (arf_cmp(far, near) <= 0 || excess_is_positive(excess, near, far, prec));
    arf_clear(radius);
    arf_clear(far);
    arf_clear(near);
    arb_clear(end);
    return only;
}

/* [FRONT-9] Next to the foot because psi'' = psi''' = 0, psi'''' > 0, elsewhere by cells. */
int
is_first_to_arrive(const caustic_front_t front, const arb_t t, const arb_t foot, slong prec)
{
    arb_ptr psi = _arb_vec_init(5);
    excess_struct excess = {front, t, foot, psi, psi + 1, 1};
    arb_t near, radius, lower, upper;
    int only = 0;

    arb_init(near);
    arb_init(radius);
    arb_init(lower);
    arb_init(upper);
    arb_set_ui(radius, 16);
    for (slong k = 0; k < HALVINGS; k++)
    {
        arb_mul_2exp_si(radius, radius, -1);
        arb_set(near, foot);
        arb_add_error(near, radius);
        psi_series(psi, front, t, near, 5, prec);
        if (!arb_is_positive(psi + 4))
            continue;
        psi_series(psi, front, t, foot, 2, prec);
        arb_sub(lower, foot, radius, prec);
        arb_add(upper, foot, radius, prec);
        only = is_only_foot(&excess, lower, upper, prec);
        break;
    }
    arb_clear(near);
    arb_clear(radius);
    arb_clear(lower);
    arb_clear(upper);
    _arb_vec_clear(psi, 5);
    return only;
}

/* sqrt(12/k) Gamma(3/4)/(Gamma(1/4) T^2), k = 24 l_4. */
void
signature_constant(arb_t limit, const arb_t fourth, const arb_t time, slong prec)
{
    arb_t quarter, factor;

    arb_init(quarter);
    arb_init(factor);
    arb_mul_2exp_si(limit, fourth, 1);
    arb_rsqrt(limit, limit, prec);
    arb_set_d(quarter, 0.75);
    arb_gamma(factor, quarter, prec);
    arb_mul(limit, limit, factor, prec);
    arb_set_d(quarter, 0.25);
    arb_gamma(factor, quarter, prec);
    arb_div(limit, limit, factor, prec);
    arb_sqr(factor, time, prec);
    arb_div(limit, limit, factor, prec);
    arb_clear(quarter);
    arb_clear(factor);
}

caustic_result
caustic_front_signature_limit(arb_t limit, arb_t position, caustic_text_t why, const caustic_front_t front,
    const arb_t lower, const arb_t upper, const arb_t foot, const arb_t time, slong prec)
{
    arb_ptr psi = _arb_vec_init(5);
    arb_t fourth;
    caustic_result result = CAUSTIC_UNSUPPORTED;

    arb_init(fourth);
    psi_series(psi, front, time, foot, 5, prec);
    arb_set(position, psi + 1);
    if (!arb_is_positive(time) || !arb_is_positive(psi + 4))
        caustic_text_append(why, "the fourth derivative of the loss could not be proved positive where the shock begins");
    else if (!arb_lt(lower, foot) || !arb_lt(foot, upper)) /* l''' = 0 where l'' is least inside of the box */
        caustic_text_append(why, "the shock may begin at an end of the box");
    else if (!is_first_to_arrive(front, time, foot, prec))
        caustic_text_append(why, "another characteristic may arrive at the shock's place before it begins");
    else
    {
        arb_div(fourth, psi + 4, time, prec); /* psi_4 = T l_4 */
        signature_constant(limit, fourth, time, prec);
        result = CAUSTIC_OK;
    }
    arb_clear(fourth);
    _arb_vec_clear(psi, 5);
    return result;
}

/* By the sum of kernels: for any number of feet, but with a working precision of 1/nu bits. */
static caustic_result
by_kernels(arb_ptr res, const caustic_front_t front, const arb_t s, const arb_t t, const fmpq_t viscosity, slong digits)
{
    caustic_line_t line;
    caustic_result result = CAUSTIC_NO_RESOURCES;

    if (caustic_line_init(line, front->pool, front->flat->s, front->loss, viscosity, front->lower) == CAUSTIC_OK)
        result = caustic_local_entropy_1d(res, 3, line, s, t, digits);
    caustic_line_clear(line);
    return result;
}

caustic_result
caustic_front_viscous(arb_ptr res, const caustic_front_t front, const arb_t s, const arb_t t, const arb_t foot,
    const fmpq_t viscosity, slong digits)
{
    if (laplace_solution(res, front, s, t, foot, viscosity, digits) == CAUSTIC_OK)
        return CAUSTIC_OK;
    return by_kernels(res, front, s, t, viscosity, digits);
}

caustic_result
caustic_front_signature(arb_t value, const caustic_front_t front, const arb_t s, const arb_t t, const arb_t foot,
    const fmpq_t viscosity, slong digits)
{
    arb_ptr u = _arb_vec_init(3);
    slong prec = (slong) (3.33 * (double) digits) + 64;
    caustic_result result = caustic_front_viscous(u, front, s, t, foot, viscosity, digits + 8);
    arb_t root;

    arb_init(root);
    arb_set_fmpq(root, viscosity, prec);
    arb_sqrt(root, root, prec);
    arb_abs(value, u + 2);
    arb_mul(value, value, root, prec);
    arb_clear(root);
    _arb_vec_clear(u, 3);
    return result;
}

/* Across a shock *******************************************************************************/

/* psi'' at a foot. */
static void
bend_at(arb_t res, const caustic_front_t front, const arb_t t, const arb_t foot, slong prec)
{
    arb_ptr psi = _arb_vec_init(3);

    psi_series(psi, front, t, foot, 3, prec);
    arb_mul_2exp_si(res, psi + 2, 1);
    _arb_vec_clear(psi, 3);
}

void
caustic_front_profile(arb_t limit, const caustic_front_t front, const arb_t t, const caustic_front_shock * shock, const arb_t x, slong prec)
{
    arb_t left, right, shift;

    arb_init(left);
    arb_init(right);
    arb_init(shift);
    bend_at(left, front, t, shock->left, prec);
    bend_at(right, front, t, shock->right, prec);
    arb_div(shift, right, left, prec);
    arb_log(shift, shift, prec);
    arb_mul_2exp_si(shift, shift, -2);
    arb_sub(shift, x, shift, prec);
    arb_tanh(shift, shift, prec);
    arb_sub(left, shock->v_left, shock->v_right, prec);
    arb_mul(shift, shift, left, prec);
    arb_add(limit, shock->v_left, shock->v_right, prec);
    arb_sub(limit, limit, shift, prec);
    arb_mul_2exp_si(limit, limit, -1);
    arb_clear(left);
    arb_clear(right);
    arb_clear(shift);
}

/* Away from shocks *****************************************************************************/

#define LATER_TIMES 10
#define WINDOWS 96

/* c = 1 - t/t' for the latest of some times t' > t at which the foot is still one. */
static int
find_later_time(arb_t c, const caustic_front_t front, const arb_t foot, const arb_t t, slong prec)
{
    static const slong percent[LATER_TIMES] = {1600, 400, 200, 150, 125, 110, 105, 102, 101, 100};
    arb_ptr psi = _arb_vec_init(2);
    arb_t later;
    int found = 0;

    arb_init(later);
    for (slong i = 0; i < LATER_TIMES - 1 && !found; i++)
    {
        excess_struct excess = {front, later, foot, psi, psi + 1, 1};

        arb_mul_si(later, t, percent[i], prec);
        arb_div_si(later, later, 100, prec);
        psi_series(psi, front, later, foot, 2, prec);
        found = excess_is_nonnegative_beyond(&excess, -1, prec) && excess_is_nonnegative_beyond(&excess, 1, prec);
        arb_set_si(c, 100);
        arb_div_si(c, c, percent[i], prec);
        arb_sub_ui(c, c, 1, prec);
        arb_neg(c, c);
    }
    arb_clear(later);
    _arb_vec_clear(psi, 2);
    return found;
}

/* What is known of psi next to the foot, |y - foot| <= radius: lower <= psi'' <= upper, |psi'''| <= third. */
typedef struct
{
    arb_t radius;
    arb_t lower;
    arb_t upper;
    arb_t third;
}
window_struct;

static void
window_init(window_struct * window)
{
    arb_init(window->radius);
    arb_init(window->lower);
    arb_init(window->upper);
    arb_init(window->third);
}

static void
window_clear(window_struct * window)
{
    arb_clear(window->radius);
    arb_clear(window->lower);
    arb_clear(window->upper);
    arb_clear(window->third);
}

/* 1: all are finite, and psi'' > 0. */
static int
look_through(window_struct * window, const caustic_front_t front, const arb_t t, const arb_t foot, slong prec)
{
    arb_ptr psi = _arb_vec_init(4);
    arb_t y;
    int usable;

    arb_init(y);
    arb_set(y, foot);
    arb_add_error(y, window->radius);
    psi_series(psi, front, t, y, 4, prec);
    arb_mul_2exp_si(psi + 2, psi + 2, 1);
    arb_mul_ui(psi + 3, psi + 3, 6, prec);
    arb_zero(window->lower);
    arb_zero(window->upper);
    arb_zero(window->third);
    arb_get_lbound_arf(arb_midref(window->lower), psi + 2, prec);
    arb_get_ubound_arf(arb_midref(window->upper), psi + 2, prec);
    arb_get_abs_ubound_arf(arb_midref(window->third), psi + 3, prec);
    usable = arb_is_positive(window->lower) && arb_is_finite(window->upper) && arb_is_finite(window->third);
    arb_clear(y);
    _arb_vec_clear(psi, 4);
    return usable;
}

/* erf(radius sqrt(upper/(4 nu t))) at the largest viscosity: the least over all smaller ones. */
static void
least_erf(arb_t erf, const window_struct * window, const fmpq_t largest, const arb_t t, slong prec)
{
    arb_set_fmpq(erf, largest, prec);
    arb_mul(erf, erf, t, prec);
    arb_mul_2exp_si(erf, erf, 2);
    arb_div(erf, window->upper, erf, prec);
    arb_sqrt(erf, erf, prec);
    arb_mul(erf, erf, window->radius, prec);
    arb_hypgeom_erf(erf, erf, prec);
}

/* [FRONT-6] |log| of both bounds. */
static void
rate_of_u(arb_t rate, const window_struct * window, const arb_t c, const arb_t erf, slong prec)
{
    arb_t below, x;

    arb_init(below);
    arb_init(x);
    arb_log(below, c, prec);
    arb_abs(below, below);
    arb_log(rate, window->upper, prec);
    arb_log(x, erf, prec);
    arb_submul_si(rate, x, 2, prec);
    arb_abs(rate, rate);
    arb_max(rate, rate, below, prec);
    arb_clear(below);
    arb_clear(x);
}

/* The supremum over 0 < nu <= largest of nu^(-1/2) e^(-b/nu): at 2b, or at the end before. */
static void
steep_tail(arb_t res, const arb_t b, const fmpq_t largest, slong prec)
{
    arb_t nu, root;

    arb_init(nu);
    arb_init(root);
    arb_set_fmpq(nu, largest, prec);
    arb_mul_2exp_si(root, b, 1);
    arb_min(nu, nu, root, prec);
    arb_rsqrt(root, nu, prec);
    arb_div(res, b, nu, prec);
    arb_neg(res, res);
    arb_exp(res, res, prec);
    arb_mul(res, res, root, prec);
    arb_clear(nu);
    arb_clear(root);
}

/* [FRONT-10] sqrt(C)/E (M a^(-5/2) + 2/(c sqrt(pi t)) sup nu^(-1/2) e^(-c radius^2/(4 nu t))). */
static void
rate_of_v(arb_t rate, const window_struct * window, const arb_t c, const arb_t erf, const fmpq_t largest, const arb_t t, slong prec)
{
    arb_t tail, x;

    arb_init(tail);
    arb_init(x);
    arb_sqr(x, window->radius, prec);
    arb_mul(x, x, c, prec);
    arb_div(x, x, t, prec);
    arb_mul_2exp_si(x, x, -2);
    steep_tail(tail, x, largest, prec);
    arb_const_pi(x, prec);
    arb_mul(x, x, t, prec);
    arb_sqrt(x, x, prec);
    arb_mul(x, x, c, prec);
    arb_div(tail, tail, x, prec);
    arb_mul_2exp_si(tail, tail, 1);

    arb_sqrt(x, window->lower, prec);
    arb_pow_ui(x, x, 5, prec);
    arb_div(x, window->third, x, prec);
    arb_add(tail, tail, x, prec);
    arb_sqrt(x, window->upper, prec);
    arb_mul(rate, tail, x, prec);
    arb_div(rate, rate, erf, prec);
    arb_clear(tail);
    arb_clear(x);
}

caustic_result
caustic_front_rate(arb_t rate_u, arb_t rate_v, const caustic_front_t front, const arb_t s, const arb_t t, const fmpq_t largest, slong prec)
{
    arb_t u, v, foot, c, erf, bound;
    window_struct window;
    caustic_result result;

    arb_init(u);
    arb_init(v);
    arb_init(foot);
    arb_init(c);
    arb_init(erf);
    arb_init(bound);
    window_init(&window);
    arb_pos_inf(rate_u);
    arb_pos_inf(rate_v);
    result = caustic_front_solution(u, v, foot, front, s, t, prec);
    if (result == CAUSTIC_OK && fmpq_sgn(largest) > 0 && find_later_time(c, front, foot, t, prec))
        for (slong k = 0; k < WINDOWS; k++)
        {
            arb_set_d(window.radius, 16 * pow(0.5, (double) k / 4));
            if (!look_through(&window, front, t, foot, prec))
                continue;
            least_erf(erf, &window, largest, t, prec);
            /* each window gives valid bounds; the smaller ones are kept */
            rate_of_u(bound, &window, c, erf, prec);
            arb_min(rate_u, rate_u, bound, prec);
            rate_of_v(bound, &window, c, erf, largest, t, prec);
            arb_min(rate_v, rate_v, bound, prec);
        }
    arb_clear(u);
    arb_clear(v);
    arb_clear(foot);
    arb_clear(c);
    arb_clear(erf);
    arb_clear(bound);
    window_clear(&window);
    return arb_is_finite(rate_u) && arb_is_finite(rate_v) ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
}
