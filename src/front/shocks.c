/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    shocks: where psi lies above its convex hull. The hull of samples is the guess, Newton's method finds the
    lines that touch psi twice, and that these and psi make up the hull is then proved.
*/

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/ball.h"
#include "base/newton.h"
#include "front_internal.h"

#define SAMPLES 600
#define FINE 8 /* times as many where a foot is looked for that may have little room between shocks */
#define NEAR 40 /* samples on each side of a place where psi is least convex, ever closer */
#define GUESS_PREC 64
#define DISTINCT 1e-10 /* samples closer than this part of the box say nothing about slopes */
#define ATTEMPTS 4
#define PERIOD_PREC 128

/* Lists ****************************************************************************************/

static void
shock_init(caustic_front_shock * shock)
{
    arb_init(shock->left);
    arb_init(shock->right);
    arb_init(shock->position);
    arb_init(shock->v_left);
    arb_init(shock->v_right);
    arb_init(shock->speed);
}

static void
shock_clear(caustic_front_shock * shock)
{
    arb_clear(shock->left);
    arb_clear(shock->right);
    arb_clear(shock->position);
    arb_clear(shock->v_left);
    arb_clear(shock->v_right);
    arb_clear(shock->speed);
}

void
caustic_front_shocks_init(caustic_front_shocks_t shocks)
{
    memset(shocks, 0, sizeof(caustic_front_shocks_struct));
    arb_init(shocks->t);
}

static void
remove_all(caustic_front_shocks_t shocks)
{
    for (slong i = 0; i < shocks->length; i++)
        shock_clear(shocks->shock + i);
    flint_free(shocks->shock);
    shocks->shock = NULL;
    shocks->length = 0;
}

void
caustic_front_shocks_clear(caustic_front_shocks_t shocks)
{
    remove_all(shocks);
    arb_clear(shocks->t);
}

/* A guess **************************************************************************************/

typedef struct
{
    double y;
    double psi;
    double bend; /* psi'' */
}
sample_struct;

static sample_struct
sample_at(const caustic_front_t front, const arb_t t, double y)
{
    sample_struct sample;
    arb_ptr series = _arb_vec_init(3);
    arb_t place;

    arb_init(place);
    arb_set_d(place, y);
    psi_series(series, front, t, place, 3, GUESS_PREC);
    sample.y = y;
    sample.psi = ball_guess(series);
    sample.bend = 2 * ball_guess(series + 2);
    arb_clear(place);
    _arb_vec_clear(series, 3);
    return sample;
}

static int
compare_samples(const void * a, const void * b)
{
    double x = ((const sample_struct *) a)->y, y = ((const sample_struct *) b)->y;

    return (x > y) - (x < y);
}

/* Equally spaced, and ever closer to the places where psi'' has a least value. */
static slong
take_samples(sample_struct ** list, const caustic_front_t front, const arb_t t, double lower, double upper, slong count)
{
    sample_struct * all = flint_malloc(sizeof(sample_struct) * (count + 1) * (2 * NEAR + 2));
    double step = (upper - lower) / (double) count;
    slong length = count + 1, distinct;

    for (slong i = 0; i <= count; i++)
        all[i] = sample_at(front, t, lower + (double) i * step);
    for (slong i = 1; i < count; i++)
    {
        double left = all[i - 1].bend, middle = all[i].bend, right = all[i + 1].bend, place, spread = left - 2 * middle + right;

        if (!(middle <= left && middle < right) || middle > 0.5)
            continue;
        place = all[i].y + (spread > 0 ? 0.5 * step * (left - right) / spread : 0);
        all[length++] = sample_at(front, t, place);
        for (slong k = 0; k < NEAR; k++)
        {
            double distance = 2 * step * pow(0.7, (double) k);

            all[length++] = sample_at(front, t, fmax(lower, place - distance));
            all[length++] = sample_at(front, t, fmin(upper, place + distance));
        }
    }
    qsort(all, length, sizeof(sample_struct), compare_samples);
    distinct = 1;
    for (slong i = 1; i < length; i++)
        if (all[i].y - all[distinct - 1].y > DISTINCT * (upper - lower))
            all[distinct++] = all[i];
    *list = all;
    return distinct;
}

/* Removes the samples above the hull of those that stay; over[i]: psi bent downwards at one that was removed between
   i - 1 and i, so that it was not for its rounding. */
static slong
keep_hull(sample_struct * list, int * over, slong length)
{
    slong n = 0;

    for (slong i = 0; i < length; i++)
    {
        int bent = 0;

        while (n > 1 && (list[n - 1].psi - list[n - 2].psi) * (list[i].y - list[n - 2].y)
            > (list[i].psi - list[n - 2].psi) * (list[n - 1].y - list[n - 2].y))
        {
            n--;
            bent = bent || over[n] || list[n].bend < 0;
        }
        list[n] = list[i];
        over[n] = bent;
        n++;
    }
    return n;
}

/* The places next to lower and upper, outside of them but within `reach`, that are feet if the hull of samples tells. */
void
caustic_front_guess_feet(arb_t left, arb_t right, const caustic_front_t front, const arb_t lower, const arb_t upper, const arb_t reach,
    const arb_t t)
{
    double a = ball_guess(lower), b = ball_guess(upper), far = ball_guess(reach), least = a - far, greatest = b + far;
    sample_struct * list;
    slong length = take_samples(&list, front, t, least, greatest, FINE * SAMPLES);
    int * over = flint_malloc(sizeof(int) * length);

    length = keep_hull(list, over, length);
    for (slong i = 1; i + 1 < length; i++)
        if (!over[i] && !over[i + 1])
        {
            if (list[i].y <= a)
                least = list[i].y;
            if (list[i].y >= b && list[i].y < greatest)
                greatest = list[i].y;
        }
    arb_set_d(left, least);
    arb_set_d(right, greatest);
    flint_free(list);
    flint_free(over);
}

/* The lines that touch twice *******************************************************************/

typedef struct
{
    const caustic_front_struct * front;
    arb_srcptr t;
}
touching_struct;

/* Both divided by t: the row of "l'(y) + y/t is the same at a and b" and that of "the chord of l has the mean of its two slopes", which is the
   same for psi and has no t in it; with the columns of a and b, from l and its first two coefficients. */
static void
chord_equations(arb_ptr value, arb_mat_t derivative, slong row, slong a, slong b, arb_srcptr loss_a, arb_srcptr loss_b,
    const arb_t width, const arb_t t, slong prec)
{
    arb_t mean, half_turn, rate;

    arb_init(mean);
    arb_init(half_turn);
    arb_init(rate);
    arb_inv(rate, t, prec);
    arb_sub(half_turn, loss_b + 1, loss_a + 1, prec);
    arb_set(value + row, half_turn);
    arb_addmul(value + row, width, rate, prec);
    arb_mul_2exp_si(half_turn, half_turn, -1);
    arb_add(mean, loss_a + 1, half_turn, prec);
    arb_sub(value + row + 1, loss_b, loss_a, prec);
    arb_submul(value + row + 1, mean, width, prec);

    /* l'' = 2 l_2 */
    arb_mul_2exp_si(arb_mat_entry(derivative, row, a), loss_a + 2, 1);
    arb_add(arb_mat_entry(derivative, row, a), arb_mat_entry(derivative, row, a), rate, prec);
    arb_neg(arb_mat_entry(derivative, row, a), arb_mat_entry(derivative, row, a));
    arb_mul_2exp_si(arb_mat_entry(derivative, row, b), loss_b + 2, 1);
    arb_add(arb_mat_entry(derivative, row, b), arb_mat_entry(derivative, row, b), rate, prec);
    arb_set(arb_mat_entry(derivative, row + 1, a), half_turn);
    arb_submul(arb_mat_entry(derivative, row + 1, a), loss_a + 2, width, prec);
    arb_set(arb_mat_entry(derivative, row + 1, b), half_turn);
    arb_submul(arb_mat_entry(derivative, row + 1, b), loss_b + 2, width, prec);
    arb_clear(mean);
    arb_clear(half_turn);
    arb_clear(rate);
}

static void
two_feet(arb_ptr value, arb_mat_t derivative, arb_srcptr x, const void * data, slong prec)
{
    const touching_struct * touching = data;
    arb_ptr left = _arb_vec_init(6), right = left + 3;
    arb_t width;

    arb_init(width);
    caustic_tape_evaluate_series(&left, touching->front->tape, x, 3, prec);
    caustic_tape_evaluate_series(&right, touching->front->tape, x + 1, 3, prec);
    arb_sub(width, x + 1, x, prec);
    chord_equations(value, derivative, 0, 0, 1, left, right, width, touching->t, prec);
    arb_clear(width);
    _arb_vec_clear(left, 6);
}

/* The same two equations for the first two and the last two of three feet; x_3 is the time. */
static void
three_feet(arb_ptr value, arb_mat_t derivative, arb_srcptr x, const void * data, slong prec)
{
    const caustic_front_struct * front = data;
    arb_ptr loss = _arb_vec_init(9);
    arb_t width;

    arb_init(width);
    arb_mat_zero(derivative);
    for (slong i = 0; i < 3; i++)
    {
        arb_ptr three = loss + 3 * i;

        caustic_tape_evaluate_series(&three, front->tape, x + i, 3, prec);
    }
    for (slong i = 0; i < 2; i++)
    {
        arb_ptr by_time = arb_mat_entry(derivative, 2 * i, 3);

        arb_sub(width, x + i + 1, x + i, prec);
        chord_equations(value, derivative, 2 * i, i, i + 1, loss + 3 * i, loss + 3 * i + 3, width, x + 3, prec);
        arb_sqr(by_time, x + 3, prec);
        arb_div(by_time, width, by_time, prec);
        arb_neg(by_time, by_time);
    }
    arb_clear(width);
    _arb_vec_clear(loss, 9);
}

/* From the feet: position = psi'(foot), and what follows. The derivative of the feet in t solves
   J dy/dt = -dG/dt = ((right - left)/t^2, 0); then ds/dt = l'(left) + psi''(left) dy_left/dt. */
static int
complete_shock(caustic_front_shock * shock, const caustic_front_t front, const arb_t t, slong prec)
{
    touching_struct touching = {front, t};
    arb_ptr x = _arb_vec_init(2), value = _arb_vec_init(2), psi = _arb_vec_init(3), loss = _arb_vec_init(2);
    arb_mat_t derivative, slope;
    arb_t mean, width;
    int complete;

    arb_init(mean);
    arb_init(width);
    arb_mat_init(derivative, 2, 2);
    arb_mat_init(slope, 2, 1);
    arb_set(x, shock->left);
    arb_set(x + 1, shock->right);
    arb_sub(width, x + 1, x, prec);
    psi_series(psi, front, t, x + 1, 2, prec);
    arb_set(mean, psi + 1);
    psi_series(psi, front, t, x, 3, prec);
    complete = arb_intersection(shock->position, psi + 1, mean, prec);
    arb_sub(shock->v_left, shock->position, shock->left, prec);
    arb_div(shock->v_left, shock->v_left, t, prec);
    arb_sub(shock->v_right, shock->position, shock->right, prec);
    arb_div(shock->v_right, shock->v_right, t, prec);

    caustic_tape_evaluate_series(&loss, front->tape, x, 2, prec);
    two_feet(value, derivative, x, &touching, prec);
    arb_div(arb_mat_entry(slope, 0, 0), width, t, prec);
    arb_div(arb_mat_entry(slope, 0, 0), arb_mat_entry(slope, 0, 0), t, prec);
    complete = complete && arb_mat_solve(slope, derivative, slope, prec);
    arb_mul(shock->speed, psi + 2, arb_mat_entry(slope, 0, 0), prec);
    arb_mul_2exp_si(shock->speed, shock->speed, 1);
    arb_add(shock->speed, shock->speed, loss + 1, prec);

    arb_add(mean, shock->v_left, shock->v_right, prec);
    arb_mul_2exp_si(mean, mean, -1);
    complete = complete && arb_is_finite(shock->speed) && arb_intersection(shock->speed, shock->speed, mean, prec)
        && arb_gt(shock->v_left, shock->v_right);
    arb_clear(mean);
    arb_clear(width);
    arb_mat_clear(derivative);
    arb_mat_clear(slope);
    _arb_vec_clear(x, 2);
    _arb_vec_clear(value, 2);
    _arb_vec_clear(psi, 3);
    _arb_vec_clear(loss, 2);
    return complete;
}

static int
add_shock(caustic_front_shocks_t shocks, const caustic_front_t front, const arb_t t, double left, double right, slong prec)
{
    touching_struct touching = {front, t};
    arb_ptr x = _arb_vec_init(2);
    int found;

    arb_set_d(x, left);
    arb_set_d(x + 1, right);
    found = newton_zero(x, 2, two_feet, &touching, prec) && arb_lt(x, x + 1)
        && (shocks->length == 0 || arb_lt(shocks->shock[shocks->length - 1].right, x));
    if (found)
    {
        caustic_front_shock * shock;

        shocks->shock = flint_realloc(shocks->shock, sizeof(caustic_front_shock) * (shocks->length + 1));
        shock = shocks->shock + shocks->length++;
        shock_init(shock);
        arb_set(shock->left, x);
        arb_set(shock->right, x + 1);
        found = complete_shock(shock, front, t, prec);
    }
    _arb_vec_clear(x, 2);
    return found;
}

static int
find_shocks(caustic_front_shocks_t shocks, const caustic_front_t front, const arb_t lower, const arb_t upper, const arb_t t, slong prec)
{
    sample_struct * list;
    slong length = take_samples(&list, front, t, ball_guess(lower), ball_guess(upper), SAMPLES);
    int * over = flint_malloc(sizeof(int) * length);
    int found = 1;

    length = keep_hull(list, over, length);
    for (slong i = 1; i < length && found; i++)
        if (over[i])
            found = add_shock(shocks, front, t, list[i - 1].y, list[i].y, prec);
    flint_free(list);
    flint_free(over);
    return found;
}

/* The proof ************************************************************************************/

static int
is_convex_between(const caustic_front_t front, const arb_t t, const arb_t left, const arb_t right, slong prec)
{
    arf_t lower, upper;
    int convex;

    arf_init(lower);
    arf_init(upper);
    arb_get_lbound_arf(lower, left, prec);
    arb_get_ubound_arf(upper, right, prec);
    convex = psi_is_convex(front, t, lower, upper, prec);
    arf_clear(lower);
    arf_clear(upper);
    return convex;
}

/* The line through the two feet is nowhere above psi between them. */
static int
bridges(const caustic_front_t front, const arb_t t, const arb_t left, const arb_t right, const arb_t slope, slong prec)
{
    excess_struct excess = {front, t, left, NULL, slope, 1};
    arb_t value, middle;
    int above;

    arb_init(value);
    arb_init(middle);
    arb_add(middle, left, right, prec);
    arb_mul_2exp_si(middle, middle, -1);
    excess.value = value;
    psi_series(value, front, t, left, 1, prec);
    above = excess_is_nonnegative(&excess, arb_midref(middle), prec);
    excess.foot = right;
    psi_series(value, front, t, right, 1, prec);
    above = above && excess_is_nonnegative(&excess, arb_midref(middle), prec);
    arb_clear(value);
    arb_clear(middle);
    return above;
}

static int
supports_beyond(const caustic_front_t front, const arb_t t, const arb_t end, int side, slong prec)
{
    arb_ptr psi = _arb_vec_init(2);
    excess_struct excess = {front, t, end, psi, psi + 1, 1};
    int supports;

    psi_series(psi, front, t, end, 2, prec);
    supports = excess_is_nonnegative_beyond(&excess, side, prec);
    _arb_vec_clear(psi, 2);
    return supports;
}

/* [FRONT-2] */
static int
is_hull(caustic_text_t why, const caustic_front_shocks_t shocks, const caustic_front_t front, const arb_t lower, const arb_t upper,
    const arb_t t, slong prec)
{
    /* a < l_1 and r_n < b: Newton's method may have gone beyond the ends, and an end under a shock is no foot */
    if (shocks->length > 0 && !(arb_lt(lower, shocks->shock->left) && arb_lt(shocks->shock[shocks->length - 1].right, upper)))
    {
        caustic_text_append(why, "an end of the box may lie under a shock: take a larger box");
        return 0;
    }
    for (slong i = 0; i <= shocks->length; i++)
        if (!is_convex_between(front, t, i == 0 ? lower : shocks->shock[i - 1].right,
                i == shocks->length ? upper : shocks->shock[i].left, prec))
        {
            caustic_text_append(why, "psi could not be proved convex outside of the shocks that were found");
            return 0;
        }
    for (slong i = 0; i < shocks->length; i++)
        if (!bridges(front, t, shocks->shock[i].left, shocks->shock[i].right, shocks->shock[i].position, prec))
        {
            caustic_text_append(why, "a line that touches psi twice could not be proved to stay below it");
            return 0;
        }
    if (!supports_beyond(front, t, lower, -1, prec) || !supports_beyond(front, t, upper, 1, prec))
    {
        caustic_text_append(why, "characteristics from outside of the box may arrive before those of its ends: take a larger box");
        return 0;
    }
    return 1;
}

caustic_result
caustic_front_shocks_at(caustic_front_shocks_t shocks, caustic_text_t why, const caustic_front_t front,
    const arb_t lower, const arb_t upper, const arb_t t, slong digits)
{
    slong prec = (slong) (3.33 * digits) + 96;
    caustic_result result = CAUSTIC_NO_RESOURCES;
    caustic_text_t reason;

    caustic_text_init(reason);
    arb_set(shocks->t, t);
    if (!arb_is_positive(t) || !arb_lt(lower, upper))
        caustic_text_append(reason, "the time is not positive, or the box is empty");
    else
        for (slong k = 0; k < (arb_is_exact(t) ? ATTEMPTS : 1) && result != CAUSTIC_OK; k++, prec *= 2)
        {
            remove_all(shocks);
            caustic_text_reset(reason);
            if (!find_shocks(shocks, front, lower, upper, t, prec))
                caustic_text_append(reason, "no line was proved to touch psi where the hull of samples has an edge");
            else if (is_hull(reason, shocks, front, lower, upper, t, prec))
                result = CAUSTIC_OK;
        }
    if (result != CAUSTIC_OK)
    {
        remove_all(shocks);
        caustic_text_append(why, reason->data);
    }
    caustic_text_clear(reason);
    return result;
}

/* On a circle the last ones may be the first ones again, a turn further. */
static void
keep_one_turn(caustic_front_shocks_t shocks, const caustic_front_t front)
{
    caustic_tape * tape = caustic_tape_new(front->pool, &front->period, 1, &front->flat->s, 1);
    arb_t period, turn;

    arb_init(period);
    arb_init(turn);
    caustic_tape_evaluate_arb(period, tape, turn, PERIOD_PREC);
    while (shocks->length > 1)
    {
        arb_sub(turn, shocks->shock[shocks->length - 1].position, shocks->shock->position, PERIOD_PREC);
        if (!arb_overlaps(turn, period) && !arb_gt(turn, period))
            break;
        shock_clear(shocks->shock + --shocks->length);
    }
    caustic_tape_free(tape);
    arb_clear(period);
    arb_clear(turn);
}

void
caustic_front_shocks_keep(caustic_front_shocks_t shocks, const caustic_front_t front, const arb_t lower, const arb_t upper)
{
    slong kept = 0;

    for (slong i = 0; i < shocks->length; i++)
    {
        caustic_front_shock shock = shocks->shock[i];

        if (arb_lt(shock.right, lower) || arb_gt(shock.left, upper))
            shock_clear(&shock);
        else
            shocks->shock[kept++] = shock;
    }
    shocks->length = kept;
    if (front->period != CAUSTIC_NONE)
        keep_one_turn(shocks, front);
}

/* Mergers **************************************************************************************/

void
caustic_front_merger_init(caustic_front_merger_t merger)
{
    arb_init(merger->t);
    arb_init(merger->position);
    for (slong i = 0; i < 3; i++)
        arb_init(merger->foot + i);
}

void
caustic_front_merger_clear(caustic_front_merger_t merger)
{
    arb_clear(merger->t);
    arb_clear(merger->position);
    for (slong i = 0; i < 3; i++)
        arb_clear(merger->foot + i);
}

/* [FRONT-4] The line through the three feet at that time is part of the hull. */
static int
is_merger(const caustic_front_merger_t merger, const caustic_front_t front, slong prec)
{
    const arb_struct * foot = merger->foot;

    return arb_lt(foot, foot + 1) && arb_lt(foot + 1, foot + 2)
        && bridges(front, merger->t, foot, foot + 1, merger->position, prec)
        && bridges(front, merger->t, foot + 1, foot + 2, merger->position, prec)
        && is_convex_between(front, merger->t, foot + 1, foot + 1, prec)
        && supports_beyond(front, merger->t, foot, -1, prec) && supports_beyond(front, merger->t, foot + 2, 1, prec);
}

caustic_result
caustic_front_merge(caustic_front_merger_t merger, caustic_text_t why, const caustic_front_t front,
    const caustic_front_shocks_t before, slong k, slong digits)
{
    slong prec = (slong) (3.33 * digits) + 96;
    arb_ptr x = _arb_vec_init(4), psi = _arb_vec_init(2);
    caustic_result result = CAUSTIC_NO_RESOURCES;

    if (k >= 0 && k + 1 < before->length)
    {
        const caustic_front_shock * one = before->shock + k, * two = one + 1;

        arb_set(x, one->left);
        arb_add(x + 1, one->right, two->left, prec);
        arb_mul_2exp_si(x + 1, x + 1, -1);
        arb_set(x + 2, two->right);
        arb_set(x + 3, before->t);
        if (newton_zero(x, 4, three_feet, front, prec) && arb_is_positive(x + 3))
        {
            for (slong i = 0; i < 3; i++)
                arb_set(merger->foot + i, x + i);
            arb_set(merger->t, x + 3);
            psi_series(psi, front, x + 3, x, 2, prec);
            arb_set(merger->position, psi + 1);
            if (is_merger(merger, front, prec))
                result = CAUSTIC_OK;
        }
    }
    if (result != CAUSTIC_OK)
        caustic_text_append(why, "that the two shocks merge could not be proved");
    _arb_vec_clear(x, 4);
    _arb_vec_clear(psi, 2);
    return result;
}
