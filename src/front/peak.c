/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    peak: nothing is as steep elsewhere [FRONT-14]. In theta = 1/t and rho = (s - origin)/t v_s = theta - theta^2 V/(2 nu), V the variance of the density
    e^(-H/(2 nu)). Early times, late times and far places are settled at once, what is left by bisection: by a bound of V that any function g gives,

        E (x - c)^2 <= sup ((x - c)^2 + 2 nu g' - g H'),

    and close to the peak by first derivatives, until only a box is left on which v_s is convex.
*/

#include <math.h>
#include <string.h>
#include "base/ball.h"
#include "front_internal.h"

#define PREC 96
#define SAMPLES 2048
#define LEVELS 15          /* cells of 2^-LEVELS of the window at least */
#define BOX_LIMIT 30000
#define SLAB_RATIO 0.8
#define SLAB_LIMIT 64
#define FEET 16
#define NEIGHBOURHOODS 12
#define NATS 30            /* of the sums near the peak */
#define SUM_LIMIT 10000

/* l about the centre of a cell, and l'' on all of it. */
typedef struct
{
    int known;
    arb_struct at[3];
    arb_t bend;
}
cell_struct;

typedef struct
{
    double rho[2];
    double theta[2];
}
box_struct;

typedef struct
{
    const caustic_front_struct * front;
    const landscape_struct * landscape;
    arb_t nu;
    arb_t peak;             /* an exact number, at most what is to be proved the greatest value of -v_s */
    arb_t origin;
    double viscosity;
    double lower;           /* the window of x */
    double width;
    cell_struct * cell;     /* a binary tree, the root at 1 */
    double * sample[2];     /* l and l' at places of equal distance */
    double * selected[2];
    double from;            /* only from <= s - origin <= to is asked for, where periods or a symmetry allow that */
    double to;
    family_struct * family;
    box_struct hill;        /* v_s is convex on it, and has its least value inside */
    box_struct * stack;
    slong length;
    slong boxes;
    slong sums;
    int beaten;             /* somewhere -v_s is greater */
}
peak_struct;

/* The set-up of one box. */
typedef struct
{
    arb_t rho;         /* balls, and their midpoints */
    arb_t theta;
    arb_t rho_mid;
    arb_t theta_mid;
    double theta_least;
    arb_t drho;        /* ball - midpoint */
    arb_t dtheta;
    arb_t foot;        /* x* */
    arb_t foot_loss;
    arb_t centre;      /* c */
    arb_t g0;          /* g = g0 + g1 (x - c) */
    arb_t g1;
    arb_t rest;        /* what is outside of the cells on which F is bounded may give that much */
    arb_t energy;      /* H - H(x*) is at least that much there */
    arb_t outside;     /* int (x - c)^2 e^(-(H - H(x*))/(2 nu)) over these cells is at most that */
    int light;         /* whether the last cell was one of them */
    slong ends;        /* of intervals of the others */
    slong cells;
    slong limit;
    double span[2];    /* of the feet */
}
trial_struct;

/* Cells ****************************************************************************************/

static void
cell_interval(arb_t centre, arb_t radius, const peak_struct * work, slong level, slong index)
{
    arf_set_d(arb_midref(centre), work->width);
    mag_zero(arb_radref(centre));
    arb_mul_2exp_si(radius, centre, -level - 1);
    arb_mul_si(centre, radius, 2 * index + 1, ARF_PREC_EXACT);
    arf_set_d(arb_midref(radius), work->lower);
    arb_add(centre, centre, radius, ARF_PREC_EXACT);
    arb_set_d(radius, work->width);
    arb_mul_2exp_si(radius, radius, -level - 1);
}

static const cell_struct *
cell_at(peak_struct * work, slong level, slong index, const arb_t centre, const arb_t radius)
{
    cell_struct * cell = work->cell + (WORD(1) << level) + index;

    if (!cell->known)
    {
        arb_ptr series = _arb_vec_init(3);
        arb_t y;

        arb_init(y);
        for (int k = 0; k < 3; k++)
            arb_init(cell->at + k);
        arb_init(cell->bend);
        arb_add(y, work->origin, centre, ARF_PREC_EXACT);
        caustic_tape_evaluate_series(&series, work->front->tape, y, 3, PREC);
        for (int k = 0; k < 3; k++)
            arb_swap(cell->at + k, series + k);
        arb_mul_2exp_si(cell->at + 2, cell->at + 2, 1);
        arb_add_error(y, radius);
        caustic_tape_evaluate_series(&series, work->front->tape, y, 3, PREC);
        arb_mul_2exp_si(cell->bend, series + 2, 1);
        cell->known = 1;
        arb_clear(y);
        _arb_vec_clear(series, 3);
    }
    return cell;
}

/* The bound of V *******************************************************************************/

/* g at x */
static void
test_function(arb_t g, const trial_struct * trial, const arb_t x)
{
    arb_sub(g, x, trial->centre, PREC);
    arb_mul(g, g, trial->g1, PREC);
    arb_add(g, g, trial->g0, PREC);
}

/* F = (x - c)^2 + 2 nu g1 + rest - g H' at x, where H' is given */
static void
stein(arb_t res, const peak_struct * work, const trial_struct * trial, const arb_t x, const arb_t slope)
{
    arb_t g;

    arb_init(g);
    arb_sub(g, x, trial->centre, PREC);
    arb_sqr(res, g, PREC);
    test_function(g, trial, x);
    arb_submul(res, g, slope, PREC);
    arb_mul(g, trial->g1, work->nu, PREC);
    arb_mul_2exp_si(g, g, 1);
    arb_add(res, res, g, PREC);
    arb_add(res, res, trial->rest, PREC);
    arb_clear(g);
}

/* theta^2 F/(2 nu) - theta - peak < 0 for all x of the cell and all (rho, theta) of the box, by the mean value theorem in all three. */
static int
is_below(const peak_struct * work, const trial_struct * trial, const cell_struct * cell, const arb_t centre, const arb_t radius)
{
    arb_t x, f, g, slope, bend, sum, offset, half;
    int below;

    arb_init(x);
    arb_init(f);
    arb_init(g);
    arb_init(slope);
    arb_init(bend);
    arb_init(sum);
    arb_init(offset);
    arb_init(half);
    arb_mul_2exp_si(half, work->nu, 1);
    arb_inv(half, half, PREC);
    arb_add_error(offset, radius);
    arb_add(x, centre, offset, PREC);

    /* the midpoint */
    arb_mul(slope, trial->theta_mid, centre, PREC);
    arb_add(slope, slope, cell->at + 1, PREC);
    arb_sub(slope, slope, trial->rho_mid, PREC);
    stein(f, work, trial, centre, slope);
    arb_sqr(g, trial->theta_mid, PREC);
    arb_mul(g, g, half, PREC);
    arb_mul(sum, g, f, PREC);
    arb_sub(sum, sum, trial->theta_mid, PREC);
    arb_sub(sum, sum, work->peak, PREC);

    /* H' and H'' on the cell and the box */
    arb_add(bend, cell->bend, trial->theta, PREC);
    arb_mul(slope, trial->theta, centre, PREC);
    arb_add(slope, slope, cell->at + 1, PREC);
    arb_sub(slope, slope, trial->rho, PREC);
    arb_addmul(slope, bend, offset, PREC);
    stein(f, work, trial, x, slope);
    test_function(g, trial, x);

    /* in theta: theta F/nu - 1 - theta^2 g x/(2 nu) */
    {
        arb_t d, square;

        arb_init(d);
        arb_init(square);
        arb_sqr(square, trial->theta, PREC);
        arb_mul(square, square, half, PREC);
        arb_mul(d, trial->theta, half, PREC);
        arb_mul(d, d, f, PREC);
        arb_mul_2exp_si(d, d, 1);
        arb_sub_ui(d, d, 1, PREC);
        arb_mul(f, g, x, PREC);
        arb_submul(d, f, square, PREC);
        arb_addmul(sum, d, trial->dtheta, PREC);
        /* in rho: theta^2 g/(2 nu) */
        arb_mul(d, square, g, PREC);
        arb_addmul(sum, d, trial->drho, PREC);
        /* in x: theta^2 (2 (x - c) - g1 H' - g H'')/(2 nu) */
        arb_sub(d, x, trial->centre, PREC);
        arb_mul_2exp_si(d, d, 1);
        arb_submul(d, trial->g1, slope, PREC);
        arb_submul(d, g, bend, PREC);
        arb_mul(d, d, square, PREC);
        arb_addmul(sum, d, offset, PREC);
        arb_clear(d);
        arb_clear(square);
    }
    below = arb_is_negative(sum);
    arb_clear(x);
    arb_clear(f);
    arb_clear(g);
    arb_clear(slope);
    arb_clear(bend);
    arb_clear(sum);
    arb_clear(offset);
    arb_clear(half);
    return below;
}

/* H(x) - H(x*), l(x) given: theta (x^2 - x*^2)/2 - rho (x - x*) = (x - x*) (theta (x + x*)/2 - rho). */
static void
height_above(arb_t res, const trial_struct * trial, const arb_t x, const arb_t loss)
{
    arb_t slope;

    arb_init(slope);
    arb_add(slope, x, trial->foot, PREC);
    arb_mul_2exp_si(slope, slope, -1);
    arb_mul(slope, slope, trial->theta, PREC);
    arb_sub(slope, slope, trial->rho, PREC);
    arb_sub(res, x, trial->foot, PREC);
    arb_mul(res, slope, res, PREC);
    arb_add(res, res, loss, PREC);
    arb_sub(res, res, trial->foot_loss, PREC);
    arb_clear(slope);
}

/* H - H(x*) >= energy on the cell, for all (rho, theta) of the box; what it gives at most is added to `outside`. */
static int
is_light(const peak_struct * work, trial_struct * trial, const cell_struct * cell, const arb_t centre, const arb_t radius)
{
    arb_t sum, slope, offset, x;
    int light;

    arb_init(sum);
    arb_init(slope);
    arb_init(offset);
    arb_init(x);
    arb_add_error(offset, radius);
    height_above(sum, trial, centre, cell->at);
    arb_mul(slope, trial->theta, centre, PREC);
    arb_add(slope, slope, cell->at + 1, PREC);
    arb_sub(slope, slope, trial->rho, PREC);
    arb_addmul(sum, slope, offset, PREC);
    arb_sqr(offset, offset, PREC);
    arb_add(x, cell->bend, trial->theta, PREC);
    arb_mul(x, x, offset, PREC);
    arb_mul_2exp_si(x, x, -1);
    arb_add(sum, sum, x, PREC);
    light = arb_ge(sum, trial->energy);
    if (light)
    {
        ball_lower_end(sum, sum, 64);
        arb_div(sum, sum, work->nu, 64);
        arb_mul_2exp_si(sum, sum, -1);
        arb_neg(sum, sum);
        arb_exp(sum, sum, 64);
        arb_sub(x, centre, trial->centre, 64);
        arb_add_error(x, radius);
        arb_sqr(x, x, 64);
        arb_mul(x, x, radius, 64);
        arb_mul_2exp_si(x, x, 1);
        arb_mul(x, x, sum, 64);
        ball_upper_end(x, x, 64);
        arb_add(trial->outside, trial->outside, x, 64);
    }
    arb_clear(sum);
    arb_clear(slope);
    arb_clear(offset);
    arb_clear(x);
    return light;
}

static int
settle_cells(peak_struct * work, trial_struct * trial, slong level, slong index)
{
    arb_t centre, radius;
    const cell_struct * cell;
    int settled = 0;

    arb_init(centre);
    arb_init(radius);
    cell_interval(centre, radius, work, level, index);
    cell = cell_at(work, level, index, centre, radius);
    trial->cells++;
    if (level > 3)
    {
        int light = is_light(work, trial, cell, centre, radius);

        settled = light || is_below(work, trial, cell, centre, radius);
        trial->ends += settled && light != trial->light;
        trial->light = settled ? light : trial->light;
    }
    arb_clear(centre);
    arb_clear(radius);
    if (settled)
        return 1;
    return level + 1 < LEVELS && trial->cells < trial->limit && settle_cells(work, trial, level + 1, 2 * index)
        && settle_cells(work, trial, level + 1, 2 * index + 1);
}

/* A lower bound of int e^(-(H - H(x*))/(2 nu)) over the window: over |x - x*| <= r it is at least 2 r e^(-K r^2/(12 nu)), K >= H'' there, by Jensen's
   inequality, whatever H'(x*) is. */
static int
mass_below(arb_t res, const peak_struct * work, const trial_struct * trial)
{
    arb_ptr series = _arb_vec_init(3);
    arb_t y, k, r;
    int known;

    arb_init(y);
    arb_init(k);
    arb_init(r);
    arb_add(y, work->origin, trial->foot, PREC);
    arb_set_d(r, 2 * sqrt(work->viscosity));
    arb_add_error(y, r);
    caustic_tape_evaluate_series(&series, work->front->tape, y, 3, PREC);
    arb_mul_2exp_si(k, series + 2, 1);
    arb_add(k, k, trial->theta, PREC);
    ball_upper_end(k, k, PREC);
    known = arb_is_finite(k);
    if (arf_cmp_d(arb_midref(k), 2) > 0)
    {
        /* r = sqrt(6 nu/K) is well below 2 sqrt(nu), whatever its rounding */
        arb_mul_si(r, work->nu, 6, PREC);
        arb_div(r, r, k, PREC);
        arb_sqrt(r, r, PREC);
        ball_lower_end(r, r, PREC);
    }
    else if (arb_is_negative(k))
        arb_zero(k);
    arb_sqr(y, r, PREC);
    arb_mul(y, y, k, PREC);
    arb_div_si(y, y, -12, PREC);
    arb_div(y, y, work->nu, PREC);
    arb_exp(y, y, PREC);
    arb_mul(res, r, y, PREC);
    arb_mul_2exp_si(res, res, 1);
    known = known && arb_is_finite(res) && arb_is_positive(res);
    arb_clear(y);
    arb_clear(k);
    arb_clear(r);
    _arb_vec_clear(series, 3);
    return known;
}

/* From the window's end x on, H - H(x*) lies above the line of the given height and slope there, slope outwards: by lower + theta x^2/2 - rho x, or where
   l'' >= -slack and theta >= slack by the tangent itself. 0: neither rises. */
static int
line_beyond(arb_t height, arb_t slope, const peak_struct * work, const trial_struct * trial, const arb_t x, int side)
{
    arb_ptr series = _arb_vec_init(2);
    arb_t y;
    int rises;

    arb_init(y);
    arb_add(y, work->origin, x, ARF_PREC_EXACT);
    rises = work->landscape->core && trial->theta_least >= work->landscape->slack
        && (side > 0 ? arf_cmp_d(arb_midref(y), work->landscape->upper) >= 0 : arf_cmp_d(arb_midref(y), work->landscape->lower) <= 0);
    if (rises)
        caustic_tape_evaluate_series(&series, work->front->tape, y, 2, PREC);
    else
        arb_set_arf(series, work->front->lower);
    arb_mul(slope, trial->theta, x, PREC);
    arb_sub(slope, slope, trial->rho, PREC);
    arb_add(slope, slope, series + 1, PREC);
    if (side < 0)
        arb_neg(slope, slope);
    height_above(height, trial, x, series);
    rises = arb_is_positive(slope) && arb_is_finite(height);
    arb_clear(y);
    _arb_vec_clear(series, 2);
    return rises;
}

/* The mass outside of the cells where F is bounded, with (x - c)^2, and the ends of these: at most `rest` relative to all mass, proved if 1. */
static int
rest_is_small(const peak_struct * work, const trial_struct * trial)
{
    arb_t sum, mass, x, height, rate, size, term;
    int small;

    arb_init(sum);
    arb_init(mass);
    arb_init(x);
    arb_init(height);
    arb_init(rate);
    arb_init(size);
    arb_init(term);

    /* inside the window: the light cells, and 2 nu max |g| e^(-energy/(2 nu)) for each end of an interval of the others, one of which may be the
       window's */
    for (int side = -1; side <= 1; side += 2)
    {
        arb_set_d(x, side < 0 ? work->lower : work->lower + work->width);
        arb_sub(term, x, trial->centre, PREC);
        arb_abs(term, term);
        arb_max(size, size, term, PREC);
    }
    arb_mul(term, size, trial->g1, PREC);
    arb_abs(term, term);
    arb_abs(x, trial->g0);
    arb_add(term, term, x, PREC);
    arb_mul(term, term, work->nu, PREC);
    arb_mul_si(sum, term, 2 * (trial->ends + 1), PREC);
    arb_div(term, trial->energy, work->nu, PREC);
    arb_mul_2exp_si(term, term, -1);
    arb_neg(term, term);
    arb_exp(term, term, PREC);
    arb_mul(sum, sum, term, PREC);
    arb_add(sum, sum, trial->outside, PREC);

    small = mass_below(mass, work, trial);
    for (int side = -1; side <= 1 && small; side += 2)
    {
        arb_set_d(x, side < 0 ? work->lower : work->lower + work->width);
        small = line_beyond(height, rate, work, trial, x, side) && arb_ge(height, trial->energy);
        /* int (d + y)^2 e^(-rate y) dy = d^2/rate + 2 d/rate^2 + 2/rate^3, rate = slope/(2 nu), d = |end - c| <= size */
        arb_div(rate, rate, work->nu, PREC);
        arb_mul_2exp_si(rate, rate, -1);
        arb_inv(rate, rate, PREC);
        arb_add(term, size, rate, PREC);
        arb_sqr(term, term, PREC);
        arb_mul_2exp_si(term, term, 1);
        arb_mul(term, term, rate, PREC);
        arb_div(height, height, work->nu, PREC);
        arb_mul_2exp_si(height, height, -1);
        arb_neg(height, height);
        arb_exp(height, height, PREC);
        arb_addmul(sum, term, height, PREC);
    }
    arb_mul(mass, mass, trial->rest, PREC);
    small = small && arb_le(sum, mass);
    /* the bound of F that is asked for, 2 nu (peak + theta)/theta^2 - rest, must not be negative */
    arb_sqr(term, trial->theta, PREC);
    arb_mul(term, term, trial->rest, PREC);
    arb_mul(x, work->nu, work->peak, PREC);
    small = small && arb_le(term, x);
    arb_clear(sum);
    arb_clear(mass);
    arb_clear(x);
    arb_clear(height);
    arb_clear(rate);
    arb_clear(size);
    arb_clear(term);
    return small;
}

/* The choice of c and g *************************************************************************/

static double
sample_place(const peak_struct * work, slong i)
{
    return work->lower + work->width * (double) i / SAMPLES;
}

typedef struct
{
    double x;
    double height;
    double bend;
}
foot_struct;

/* The local minima of H at the box's centre. */
static slong
find_feet(foot_struct * foot, const peak_struct * work, double rho, double theta)
{
    slong count = 0;
    double step = work->width / SAMPLES;

    for (slong i = 0; i < SAMPLES && count < FEET; i++)
    {
        double x = sample_place(work, i), a = work->sample[1][i] + theta * x - rho;
        double b = work->sample[1][i + 1] + theta * (x + step) - rho, share;

        if (!(a <= 0 && b > 0))
            continue;
        share = a / (a - b);
        foot[count].x = x + share * step;
        foot[count].bend = (b - a) / step;
        foot[count].height = work->sample[0][i] + theta * x * x / 2 - rho * x + a * share * step / 2;
        count++;
    }
    return count;
}

/* The samples where H - H(x*) may be below the energy: their x and H' at the box's centre. */
static slong
select_samples(const peak_struct * work, const box_struct * box, const foot_struct * lowest, double energy)
{
    double rho = (box->rho[0] + box->rho[1]) / 2, theta = (box->theta[0] + box->theta[1]) / 2;
    double drho = (box->rho[1] - box->rho[0]) / 2, dtheta = (box->theta[1] - box->theta[0]) / 2;
    slong count = 0;

    for (slong i = 0; i <= SAMPLES; i++)
    {
        double x = sample_place(work, i), height = work->sample[0][i] + theta * x * x / 2 - rho * x - lowest->height;

        if (height - drho * fabs(x - lowest->x) - dtheta * fabs(x * x - lowest->x * lowest->x) / 2 > energy)
            continue;
        work->selected[0][count] = x;
        work->selected[1][count++] = work->sample[1][i] + theta * x - rho;
    }
    return count;
}

typedef struct
{
    const peak_struct * work;
    trial_struct * trial;
    double theta;
    double drho;
    double dtheta;
    double rest;
    slong samples;
    double best;
}
choice_struct;

/* Takes c and g = g0 + g1 (x - c) if the largest value of theta^2 F/(2 nu) - theta - peak on the samples, with what the box's size adds,
   is less than before. */
static void
choose(choice_struct * choice, double c, double g0, double g1)
{
    const peak_struct * work = choice->work;
    double nu = work->viscosity, theta = choice->theta, peak = ball_guess(work->peak), worst = -HUGE_VAL;

    for (slong i = 0; i < choice->samples && worst < choice->best; i++)
    {
        double x = work->selected[0][i], g = g0 + g1 * (x - c);
        double f = (x - c) * (x - c) + 2 * nu * g1 + choice->rest - g * work->selected[1][i];

        worst = fmax(worst, theta * theta * (f + fabs(g) * choice->drho) / (2 * nu) - theta - peak
            + fabs(theta * f / nu - 1 - theta * theta * g * x / (2 * nu)) * choice->dtheta);
    }
    if (worst < choice->best)
    {
        choice->best = worst;
        arb_set_d(choice->trial->centre, c);
        arb_set_d(choice->trial->g0, g0);
        arb_set_d(choice->trial->g1, g1);
    }
}

/* x*, the energy, c and g; 0: it does not look promising. */
static int
prepare(trial_struct * trial, const peak_struct * work, const box_struct * box, double rest, double factor)
{
    double rho = (box->rho[0] + box->rho[1]) / 2, nu = work->viscosity, energy, spread;
    choice_struct choice = {work, trial, (box->theta[0] + box->theta[1]) / 2, (box->rho[1] - box->rho[0]) / 2,
        (box->theta[1] - box->theta[0]) / 2, rest, 0, HUGE_VAL};
    foot_struct foot[FEET], * left = NULL, * right = NULL, * lowest = foot;
    slong count = find_feet(foot, work, rho, choice.theta);

    if (count == 0)
        return 0;
    for (slong i = 1; i < count; i++)
        if (foot[i].height < lowest->height)
            lowest = foot + i;
    spread = foot[count - 1].x - foot[0].x;
    energy = 2 * nu * log(fmax(factor * (1 + spread * spread) / rest, 3));
    arb_set_d(trial->foot, lowest->x);
    arb_set_d(trial->rest, rest);
    arb_set_d(trial->energy, energy);
    for (slong i = 0; i < count; i++)
        if (foot[i].height - lowest->height - choice.drho * fabs(foot[i].x - lowest->x)
            - choice.dtheta * fabs(foot[i].x * foot[i].x - lowest->x * lowest->x) / 2 < energy)
        {
            left = left == NULL ? foot + i : left;
            right = foot + i;
        }
    trial->span[0] = left->x;
    trial->span[1] = right->x;
    choice.samples = select_samples(work, box, lowest, energy);
    if (right > left)
    {
        /* the maxima of F: g = 2 (x - c)/H'' at both feet */
        double c = (left->x + right->x) / 2, half = (right->x - left->x) / 2;

        for (double scale = 2; scale > 0.3; scale /= 1.41421356)
        {
            double a = -2 * half / left->bend * scale, b = 2 * half / right->bend * scale;

            choose(&choice, c, (a + b) / 2, (b - a) / (2 * half));
        }
    }
    for (double g1 = 0.25 / lowest->bend; g1 < 1e3 && g1 > 0; g1 *= 1.6)
        choose(&choice, (left->x + right->x) / 2, 0, g1);
    return choice.best < 0;
}

static void
trial_init(trial_struct * trial)
{
    memset(trial, 0, sizeof(trial_struct));
    arb_init(trial->rho);
    arb_init(trial->theta);
    arb_init(trial->rho_mid);
    arb_init(trial->theta_mid);
    arb_init(trial->drho);
    arb_init(trial->dtheta);
    arb_init(trial->foot);
    arb_init(trial->foot_loss);
    arb_init(trial->centre);
    arb_init(trial->g0);
    arb_init(trial->g1);
    arb_init(trial->rest);
    arb_init(trial->energy);
    arb_init(trial->outside);
}

static void
trial_clear(trial_struct * trial)
{
    arb_clear(trial->rho);
    arb_clear(trial->theta);
    arb_clear(trial->rho_mid);
    arb_clear(trial->theta_mid);
    arb_clear(trial->drho);
    arb_clear(trial->dtheta);
    arb_clear(trial->foot);
    arb_clear(trial->foot_loss);
    arb_clear(trial->centre);
    arb_clear(trial->g0);
    arb_clear(trial->g1);
    arb_clear(trial->rest);
    arb_clear(trial->energy);
    arb_clear(trial->outside);
}

static void
set_interval(arb_t ball, arb_t middle, arb_t offset, const double end[2])
{
    arb_set_d(middle, end[0]);
    arb_set_d(offset, end[1]);
    arb_union(ball, middle, offset, PREC);
    arb_get_mid_arb(middle, ball);
    arb_sub(offset, ball, middle, PREC);
}

static int
settle_trial(trial_struct * trial, peak_struct * work)
{
    arb_t y;

    arb_init(y);
    arb_add(y, work->origin, trial->foot, PREC);
    caustic_tape_evaluate_arb(trial->foot_loss, work->front->tape, y, PREC);
    arb_clear(y);
    trial->cells = 0;
    trial->limit = 8192;
    /* beyond the window all is light */
    trial->light = 1;
    trial->ends = 0;
    arb_zero(trial->outside);
    return settle_cells(work, trial, 0, 0) && rest_is_small(work, trial);
}

/* -v_s < peak on the box by the bound of V. */
static int
variance_is_small(trial_struct * trial, peak_struct * work, const box_struct * box)
{
    /* far below the peak much may be left outside, near it little */
    static const double factor[2] = {60, 6000};
    double theta = (box->theta[0] + box->theta[1]) / 2, wide = 1e-3 * work->width * work->width;
    double peak = ball_guess(work->peak), most = work->viscosity * peak / (theta * theta), part[3] = {0.2, 0.01, 0.02 / peak};
    int small = 0;

    for (int i = 0; i < 6 && !small; i++)
        small = prepare(trial, work, box, fmin(part[i / 2] * most, wide), factor[i % 2]) && settle_trial(trial, work);
    return small;
}

#define ORDER 4   /* of the Taylor forms near the peak */

/* -v_s < peak on the box by its Taylor polynomial at the midpoint and the derivatives of the next order on the box. */
static int
slope_is_small(const trial_struct * trial, peak_struct * work)
{
    arb_ptr on = _arb_vec_init(family_entry(ORDER, 0, ORDER + 1)), at = _arb_vec_init(family_entry(ORDER - 1, 0, ORDER));
    arb_t sum, term, power;
    int small;

    arb_init(sum);
    arb_init(term);
    arb_init(power);
    work->sums += 2;
    small = family_slope(at, work->family, trial->rho_mid, trial->theta_mid, ORDER - 1)
        && family_slope(on, work->family, trial->rho, trial->theta, ORDER);
    arb_add(term, at, work->peak, PREC);
    work->beaten = work->beaten || (small && arb_is_negative(term));
    for (slong q = 0; q <= ORDER; q++)
        for (slong p = 0; p <= ORDER - q; p++)
        {
            arb_srcptr entry = p + q < ORDER ? at + family_entry(ORDER - 1, p, q) : on + family_entry(ORDER, p, q);

            arb_pow_ui(term, trial->drho, (ulong) p, PREC);
            arb_pow_ui(power, trial->dtheta, (ulong) q, PREC);
            arb_mul(term, term, power, PREC);
            arb_addmul(sum, term, entry, PREC);
        }
    arb_add(sum, sum, work->peak, PREC);
    small = small && arb_is_positive(sum);
    arb_clear(sum);
    arb_clear(term);
    arb_clear(power);
    _arb_vec_clear(on, family_entry(ORDER, 0, ORDER + 1));
    _arb_vec_clear(at, family_entry(ORDER - 1, 0, ORDER));
    return small;
}

/* Bisection ************************************************************************************/

static int
is_inside(const box_struct * box, const box_struct * other)
{
    return other->rho[0] <= box->rho[0] && box->rho[1] <= other->rho[1] && other->theta[0] <= box->theta[0] && box->theta[1] <= other->theta[1];
}

/* No (rho, theta) of the box has from <= rho/theta <= to. */
static int
is_not_asked(const peak_struct * work, const box_struct * box)
{
    arb_t bound, x;
    int below = 1, above = 1;

    arb_init(bound);
    arb_init(x);
    for (int i = 0; i < 2; i++)
    {
        arb_set_d(x, box->theta[i]);
        arb_set_d(bound, work->from);
        arb_mul(bound, bound, x, ARF_PREC_EXACT);
        below = below && isfinite(work->from) && arf_cmp_d(arb_midref(bound), box->rho[1]) > 0;
        arb_set_d(bound, work->to);
        arb_mul(bound, bound, x, ARF_PREC_EXACT);
        above = above && isfinite(work->to) && arf_cmp_d(arb_midref(bound), box->rho[0]) < 0;
    }
    arb_clear(bound);
    arb_clear(x);
    return below || above;
}

static void
push(peak_struct * work, double rho0, double rho1, double theta0, double theta1)
{
    box_struct * box;

    work->stack = flint_realloc(work->stack, sizeof(box_struct) * (work->length + 1));
    box = work->stack + work->length++;
    box->rho[0] = rho0;
    box->rho[1] = rho1;
    box->theta[0] = theta0;
    box->theta[1] = theta1;
}

/* Where the difference of H between the feet changes more. */
static void
split(peak_struct * work, const box_struct * box, const trial_struct * trial)
{
    double width = fmax(trial->span[1] - trial->span[0], 0.05), middle = (trial->span[0] + trial->span[1]) / 2;
    double drho = box->rho[1] - box->rho[0], dtheta = box->theta[1] - box->theta[0], theta = (box->theta[0] + box->theta[1]) / 2;
    double in_theta = dtheta * fabs(width * middle) + dtheta * dtheta * width * width / theta;

    if (drho * width > in_theta)
    {
        double half = (box->rho[0] + box->rho[1]) / 2;

        push(work, box->rho[0], half, box->theta[0], box->theta[1]);
        push(work, half, box->rho[1], box->theta[0], box->theta[1]);
    }
    else
    {
        double half = (box->theta[0] + box->theta[1]) / 2;

        push(work, box->rho[0], box->rho[1], box->theta[0], half);
        push(work, box->rho[0], box->rho[1], half, box->theta[1]);
    }
}

/* Small enough for first derivatives to be worth their time. */
static int
is_small(const peak_struct * work, const box_struct * box, const trial_struct * trial)
{
    double nu = work->viscosity, theta = (box->theta[0] + box->theta[1]) / 2, width = fmax(trial->span[1] - trial->span[0], 0.05);

    return (box->rho[1] - box->rho[0]) * width < 3 * nu && box->theta[1] - box->theta[0] < theta * sqrt(nu) * 3;
}

static int
settle_box(peak_struct * work, const box_struct * box, trial_struct * trial)
{
    if (is_inside(box, &work->hill) || is_not_asked(work, box))
        return 1;
    set_interval(trial->rho, trial->rho_mid, trial->drho, box->rho);
    set_interval(trial->theta, trial->theta_mid, trial->dtheta, box->theta);
    trial->theta_least = box->theta[0];
    trial->span[0] = trial->span[1] = 0;
    return variance_is_small(trial, work, box) || (is_small(work, box, trial) && slope_is_small(trial, work));
}

static int
settle_boxes(caustic_text_t why, peak_struct * work)
{
    trial_struct trial;

    trial_init(&trial);
    while (work->length > 0 && work->boxes < BOX_LIMIT && work->sums < SUM_LIMIT && !work->beaten)
    {
        box_struct box = work->stack[--work->length];

        work->boxes++;
        if (!settle_box(work, &box, &trial))
            split(work, &box, &trial);
    }
    if (work->length > 0)
    {
        const box_struct * box = work->stack + work->length - 1;

        caustic_text_printf(why, work->beaten ? "-v_s is larger near s = %.6g, t = %.6g" : "bisection ended near s = %.6g, t = %.6g, where -v_s may be as large",
            ball_guess(work->origin) + box->rho[0] / box->theta[1], 1 / box->theta[1]);
    }
    trial_clear(&trial);
    return work->length == 0;
}

/* What is settled at once **********************************************************************/

/* Before 1/theta: H'' >= theta - m, m = -inf l'' > 0, so V <= 2 nu/(theta - m) and -v_s <= theta m/(theta - m) < peak from theta = m peak/(peak - m) on. */
static int
earliest(double * theta, const peak_struct * work)
{
    arb_t m, x;
    arf_t end;
    int known;

    arb_init(m);
    arb_init(x);
    arf_init(end);
    arb_neg(m, work->landscape->bend_least);
    arb_sub(x, work->peak, m, PREC);
    known = arb_is_positive(m) && arb_is_positive(x);
    arb_div(x, work->peak, x, PREC);
    arb_mul(x, x, m, PREC);
    arb_get_ubound_arf(end, x, 53);
    *theta = arf_get_d(end, ARF_RND_UP) * (1 + 1e-12);
    known = known && isfinite(*theta);
    arb_clear(m);
    arb_clear(x);
    arf_clear(end);
    return known;
}

/* After 1/theta: -v_s <= theta ((osc l - nu log(1 - k))/(k nu) - 1) for each k in (0, 1), here 9/10. 0 where osc l is not known to be finite. */
static double
latest(const peak_struct * work)
{
    arb_t x, k;
    arf_t end;
    double theta;

    arb_init(x);
    arb_init(k);
    arf_init(end);
    arb_set_si(k, 10);
    arb_log(x, k, PREC);
    arb_mul(x, x, work->nu, PREC);
    arb_add(x, x, work->landscape->oscillation, PREC);
    arb_mul_si(x, x, 10, PREC);
    arb_div_si(x, x, 9, PREC);
    arb_div(x, x, work->nu, PREC);
    arb_sub_ui(x, x, 1, PREC);
    arb_div(x, work->peak, x, PREC);
    arb_get_lbound_arf(end, x, 53);
    theta = arb_is_finite(work->landscape->oscillation) && arb_is_positive(x) ? arf_get_d(end, ARF_RND_DOWN) * (1 - 1e-12) : 0;
    arb_clear(x);
    arb_clear(k);
    arf_clear(end);
    return theta;
}

/* An end of the foot's range: from there on outwards q = l' + slack y is at least (side 1), at most (-1) what it is in the core. */
static int
foot_end(double * end, const peak_struct * work, int side, double slack)
{
    const landscape_struct * landscape = work->landscape;
    arb_ptr series = _arb_vec_init(3), at = _arb_vec_init(2);
    double width = landscape->upper - landscape->lower;
    arb_t top, y, middle, k;
    int found = 0;

    arb_init(top);
    arb_init(y);
    arb_init(middle);
    arb_init(k);
    arb_set_d(k, slack);
    arb_neg_inf(top);
    for (slong i = 0; i < SAMPLES; i++)
    {
        arb_set_d(y, landscape->lower + width * (double) i / SAMPLES);
        arb_set_d(middle, i + 1 == SAMPLES ? landscape->upper : landscape->lower + width * (double) (i + 1) / SAMPLES);
        arb_union(y, y, middle, PREC);
        caustic_tape_evaluate_series(&series, work->front->tape, y, 3, PREC);
        arb_get_mid_arb(middle, y);
        caustic_tape_evaluate_series(&at, work->front->tape, middle, 2, PREC);
        arb_addmul(at + 1, middle, k, PREC);
        arb_sub(y, y, middle, PREC);
        arb_mul_2exp_si(series + 2, series + 2, 1);
        arb_add(series + 2, series + 2, k, PREC);
        arb_addmul(at + 1, y, series + 2, PREC);
        if (side < 0)
            arb_neg(at + 1, at + 1);
        ball_upper_end(at + 1, at + 1, PREC);
        arb_max(top, top, at + 1, PREC);
    }
    for (double distance = 0.01; distance < 1e6 && !found; distance *= 1.5)
    {
        *end = side > 0 ? landscape->upper + distance : landscape->lower - distance;
        arb_set_d(y, *end);
        caustic_tape_evaluate_series(&at, work->front->tape, y, 2, PREC);
        arb_addmul(at + 1, y, k, PREC);
        if (side < 0)
            arb_neg(at + 1, at + 1);
        found = arb_ge(at + 1, top);
    }
    arb_clear(top);
    arb_clear(y);
    arb_clear(middle);
    arb_clear(k);
    _arb_vec_clear(series, 3);
    _arb_vec_clear(at, 2);
    return found;
}

/* The rho of the foot y at both ends of the times, at most (side -1) or at least (1). */
static double
rho_of_foot(const peak_struct * work, double y, const double theta[2], int side)
{
    arb_ptr series = _arb_vec_init(2);
    arb_t place, x, t;
    arf_t end;
    double res = -side * HUGE_VAL;

    arb_init(place);
    arb_init(x);
    arb_init(t);
    arf_init(end);
    arb_set_d(place, y);
    caustic_tape_evaluate_series(&series, work->front->tape, place, 2, PREC);
    arb_sub(place, place, work->origin, PREC);
    for (int i = 0; i < 2; i++)
    {
        arb_set_d(t, theta[i]);
        arb_mul(x, place, t, PREC);
        arb_add(x, x, series + 1, PREC);
        if (side > 0)
            arb_get_ubound_arf(end, x, 53);
        else
            arb_get_lbound_arf(end, x, 53);
        res = side > 0 ? fmax(res, arf_get_d(end, ARF_RND_CEIL)) : fmin(res, arf_get_d(end, ARF_RND_FLOOR));
    }
    arb_clear(place);
    arb_clear(x);
    arb_clear(t);
    arf_clear(end);
    _arb_vec_clear(series, 2);
    return res;
}

/* All places at the times between: their box on the stack, what lies beyond is settled; and the window that is needed for it. */
static int
push_slab(peak_struct * work, double theta0, double theta1, double window[2])
{
    double theta[2] = {theta0, theta1}, rho[2], origin = ball_guess(work->origin);

    if (work->landscape->periodic)
    {
        double far = sqrt(2 * (ball_guess(work->landscape->oscillation) + 200 * work->viscosity) / theta0);

        for (int i = 0; i < 2; i++)
        {
            double a = work->from * theta[i], b = work->to * theta[i];

            rho[0] = i == 0 ? a : fmin(rho[0], a);
            rho[1] = i == 0 ? b : fmax(rho[1], b);
        }
        /* rounded outwards */
        rho[0] -= 1e-12 * (1 + fabs(rho[0]));
        rho[1] += 1e-12 * (1 + fabs(rho[1]));
        window[0] = fmin(window[0], work->from - far);
        window[1] = fmax(window[1], work->to + far);
    }
    else
    {
        /* slack = theta peak/(peak + theta), a little less: V <= 2 nu/(theta - slack) beyond */
        double peak = ball_guess(work->peak), slack = 0.999 * theta0 * peak / (peak + theta0), end[2];

        if (slack < work->landscape->slack || !foot_end(end, work, -1, slack) || !foot_end(end + 1, work, 1, slack))
            return 0;
        rho[0] = rho_of_foot(work, end[0], theta, -1);
        rho[1] = rho_of_foot(work, end[1], theta, 1);
        window[0] = fmin(window[0], end[0] - origin - 0.5 - 0.25 * (end[1] - end[0]));
        window[1] = fmax(window[1], end[1] - origin + 0.5 + 0.25 * (end[1] - end[0]));
    }
    push(work, rho[0], rho[1], theta0, theta1);
    return isfinite(rho[0]) && isfinite(rho[1]) && rho[0] < rho[1];
}

static int
push_slabs(peak_struct * work, double window[2])
{
    double theta1, theta0, last = latest(work);

    if (!earliest(&theta1, work))
        return 0;
    for (slong k = 0; k < SLAB_LIMIT && theta1 > last; k++, theta1 = theta0)
    {
        theta0 = fmax(last, SLAB_RATIO * theta1);
        if (last == 0 && k > 12)
            theta0 = 0;
        if (!push_slab(work, theta0, theta1, window))
            return 0;
    }
    return theta1 <= last;
}

/* The places that are asked for, in s - origin: one period, half of it if l is symmetric, or one side. */
static void
choose_places(peak_struct * work, landscape_struct * landscape, const steepest_struct * steepest)
{
    double place = ball_guess(steepest->at) / ball_guess(steepest->at + 1), guesses[3], centre;

    work->from = -HUGE_VAL;
    work->to = HUGE_VAL;
    guesses[0] = 0;
    guesses[1] = steepest->origin + place;
    guesses[2] = steepest->origin;
    for (int i = 0; i < 3 && !landscape->symmetric; i++)
        (void) landscape_find_symmetry(landscape, work->front, guesses[i]);
    if (landscape->periodic)
    {
        double half = ball_guess(landscape->period) * 0.50001;

        work->from = place - half;
        work->to = place + half;
    }
    if (landscape->symmetric)
    {
        double half = landscape->periodic ? ball_guess(landscape->period) * 0.50001 : HUGE_VAL, margin;

        centre = ball_guess(landscape->centre) - steepest->origin;
        margin = 1e-9 * (1 + fabs(centre) + fabs(steepest->origin));
        /* a little more than one side */
        work->from = place < centre ? centre - half : centre - margin;
        work->to = place < centre ? centre + margin : centre + half;
    }
}

/* Room *****************************************************************************************/

static void
set_window(peak_struct * work, const double window[2])
{
    double step = exp2(ceil(log2((window[1] - window[0]) / 16)));

    work->lower = floor(window[0] / step) * step;
    work->width = step * 32;
    work->cell = flint_calloc((size_t) 2 << LEVELS, sizeof(cell_struct));
    for (int k = 0; k < 2; k++)
    {
        work->sample[k] = flint_malloc(sizeof(double) * (SAMPLES + 1));
        work->selected[k] = flint_malloc(sizeof(double) * (SAMPLES + 1));
    }
    for (slong i = 0; i <= SAMPLES; i++)
    {
        arb_ptr series = _arb_vec_init(2);
        arb_t y;

        arb_init(y);
        arb_set_d(y, sample_place(work, i));
        arb_add(y, y, work->origin, PREC);
        caustic_tape_evaluate_series(&series, work->front->tape, y, 2, 64);
        for (int k = 0; k < 2; k++)
            work->sample[k][i] = ball_guess(series + k);
        arb_clear(y);
        _arb_vec_clear(series, 2);
    }
}

static void
peak_clear(peak_struct * work)
{
    if (work->cell != NULL)
        for (slong i = 0; i < (WORD(2) << LEVELS); i++)
            if (work->cell[i].known)
            {
                for (int k = 0; k < 3; k++)
                    arb_clear(work->cell[i].at + k);
                arb_clear(work->cell[i].bend);
            }
    flint_free(work->cell);
    for (int k = 0; k < 2; k++)
    {
        flint_free(work->sample[k]);
        flint_free(work->selected[k]);
    }
    flint_free(work->stack);
    arb_clear(work->nu);
    arb_clear(work->peak);
    arb_clear(work->origin);
}

/* A box about the peak on which v_s is convex. */
static int
find_hill(peak_struct * work, const steepest_struct * steepest)
{
    double rho = ball_guess(steepest->at), theta = ball_guess(steepest->at + 1), width = 2 * sqrt(steepest->square);
    arb_ptr x = _arb_vec_init(2), other = _arb_vec_init(2);
    int found = 0;

    for (slong k = 0; k < NEIGHBOURHOODS && !found; k++)
    {
        double drho = ldexp(work->viscosity / fmax(width, 0.05), -k) * 2, dtheta = ldexp(theta * sqrt(work->viscosity), -k) * 1.5;
        box_struct hill = {{rho - drho, rho + drho}, {theta - dtheta, theta + dtheta}};

        set_interval(x, other, other + 1, hill.rho);
        set_interval(x + 1, other, other + 1, hill.theta);
        found = arb_contains_interior(x, steepest->at) && arb_contains_interior(x + 1, steepest->at + 1) && family_is_convex(work->family, x);
        work->hill = hill;
    }
    _arb_vec_clear(x, 2);
    _arb_vec_clear(other, 2);
    return found;
}

int
is_least_slope(caustic_text_t why, const caustic_front_t front, landscape_struct * landscape, const steepest_struct * steepest, const fmpq_t viscosity)
{
    peak_struct work;
    family_t family;
    double window[2] = {0, 0};
    int proved = 0;

    memset(&work, 0, sizeof(peak_struct));
    family_init(family);
    arb_init(work.nu);
    arb_init(work.peak);
    arb_init(work.origin);
    work.front = front;
    work.landscape = landscape;
    work.family = family;
    work.viscosity = fmpq_get_d(viscosity);
    arb_set_fmpq(work.nu, viscosity, PREC);
    arb_neg(work.peak, steepest->least);
    ball_lower_end(work.peak, work.peak, PREC);
    arb_set_d(work.origin, steepest->origin);
    choose_places(&work, landscape, steepest);
    if (!push_slabs(&work, window))
        caustic_text_append(why, "early and late times and far places could not be settled");
    else
    {
        /* where weaker shocks are, too */
        double far = steepest->reach + (landscape->periodic ? fmax(fabs(work.from), fabs(work.to))
            : fmax(fabs(landscape->lower - steepest->origin), fabs(landscape->upper - steepest->origin)));

        if (!family_set(family, front, viscosity, steepest->origin, steepest->square, fmin(far, fmax(-window[0], window[1])),
                ball_guess(steepest->at + 1), NATS - 2 * fmin(0, log(work.viscosity))))
            caustic_text_append(why, "no sums near it");
        else if (!find_hill(&work, steepest))
            caustic_text_append(why, "no box about it on which v_s is convex");
        else
        {
            set_window(&work, window);
            proved = settle_boxes(why, &work);
        }
    }
    peak_clear(&work);
    family_clear(family);
    return proved;
}
