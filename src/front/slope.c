/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    slope: where and when the viscous solution is steepest, [FRONT-8]. The strongest shock of the solution without viscosity is
    the guess, a climb and Newton's method lead from there to a strict local maximum of -v_s, and that nothing is as steep elsewhere is then proved.
*/

#include <math.h>
#include "base/ball.h"
#include "base/newton.h"
#include "front_internal.h"

#define SAMPLES 2000
#define TIMES 240
#define TIME_RATIO 0.97
#define REFINEMENTS 40
#define FEET_STEPS 20
#define GUESS_NATS 18
#define EVALUATIONS 400   /* of the climb */
#define HALVINGS 7
#define ATTEMPTS 3
#define MORE_DIGITS 20
#define GUESS_PREC 64
#define CANDIDATES 4

/* A guess **************************************************************************************/

/* A line that touches l + theta y^2/2 at left and right: about a shock, at the time 1/theta. */
typedef struct
{
    double theta;
    double left;
    double right;
    double slope;
}
chord_struct;

static double
strength(const chord_struct * chord)
{
    return chord->theta * (chord->right - chord->left);
}

/* About l + theta y^2/2 and its first two derivatives. */
static void
lifted_loss(double value[3], const caustic_front_t front, double theta, double y)
{
    arb_ptr series = _arb_vec_init(3);
    arb_t place;

    arb_init(place);
    arb_set_d(place, y);
    caustic_tape_evaluate_series(&series, front->tape, place, 3, GUESS_PREC);
    value[0] = ball_guess(series) + theta * y * y / 2;
    value[1] = ball_guess(series + 1) + theta * y;
    value[2] = 2 * ball_guess(series + 2) + theta;
    arb_clear(place);
    _arb_vec_clear(series, 3);
}

/* Newton's method for the two feet, from those of the chord: see the system of [FRONT-3]. 0 where they run away. */
static int
polish_chord(chord_struct * chord, const caustic_front_t front)
{
    double width = chord->right - chord->left, left = chord->left, right = chord->right;

    for (int i = 0; i < FEET_STEPS; i++)
    {
        double a[3], b[3], f, g, turn, d;

        lifted_loss(a, front, chord->theta, left);
        lifted_loss(b, front, chord->theta, right);
        f = b[1] - a[1];
        g = b[0] - a[0] - (right - left) * (a[1] + b[1]) / 2;
        /* -A dl + B dr = -f and (f - A w)/2 dl + (f - B w)/2 dr = -g; at the zero f = 0 */
        turn = right - left;
        d = a[2] * b[2] * turn;
        if (!(fabs(d) > 0))
            return 0;
        left += (g + f * turn / 2) * b[2] / d;
        right += (g - f * turn / 2) * a[2] / d;
        chord->slope = (a[1] + b[1]) / 2;
        if (!(fabs(left - chord->left) < 0.3 * width && fabs(right - chord->right) < 0.3 * width))
            return 0;
    }
    chord->left = left;
    chord->right = right;
    return right > left;
}

/* The longest edge of the lower hull of the samples (y_i, l_i + theta y_i^2/2), if it is more than a few samples long: of those whose middle is
   not farther from the interval's than this share of its length. */
static int
longest_edge(chord_struct * chord, const double * y, const double * loss, slong length, double share, slong * hull)
{
    slong n = 0, best = 0;
    double theta = chord->theta;

    for (slong i = 0; i < length; i++)
    {
        double h = loss[i] + theta * y[i] * y[i] / 2;

        while (n > 1)
        {
            slong a = hull[n - 2], b = hull[n - 1];
            double ha = loss[a] + theta * y[a] * y[a] / 2, hb = loss[b] + theta * y[b] * y[b] / 2;

            if ((hb - ha) * (y[i] - y[a]) < (h - ha) * (y[b] - y[a]))
                break;
            n--;
        }
        hull[n++] = i;
    }
    for (slong i = 1; i < n; i++)
        if (fabs(y[hull[i]] + y[hull[i - 1]] - y[0] - y[length - 1]) <= 2 * share * (y[length - 1] - y[0]) && (best == 0 || y[hull[i]] - y[hull[i - 1]] > y[hull[best]] - y[hull[best - 1]]))
            best = i;
    if (best == 0 || hull[best] - hull[best - 1] < 4)
        return 0;
    chord->left = y[hull[best - 1]];
    chord->right = y[hull[best]];
    return 1;
}

/* The chord polished at theta, from those feet. */
static int
follow(chord_struct * res, const chord_struct * from, const caustic_front_t front, double theta)
{
    *res = *from;
    res->theta = theta;
    return polish_chord(res, front);
}

/* The strongest shock over all times, about: on a grid of times by the hull of samples, then by shorter and shorter steps in time. */
static int
strongest_shock(chord_struct * best, const caustic_front_t front, double lower, double upper, double share)
{
    double * y = flint_malloc(sizeof(double) * (SAMPLES + 1)), * loss = flint_malloc(sizeof(double) * (SAMPLES + 1)), top = 0;
    slong * hull = flint_malloc(sizeof(slong) * (SAMPLES + 1));
    chord_struct chord;
    int found = 0;

    for (slong i = 0; i <= SAMPLES; i++)
    {
        double value[3];

        y[i] = lower + (upper - lower) * (double) i / SAMPLES;
        lifted_loss(value, front, 0, y[i]);
        loss[i] = isfinite(value[0]) ? value[0] : HUGE_VAL;
        top = fmax(top, -value[2]);
    }
    chord.theta = top;
    for (slong k = 0; k < TIMES && top > 0; k++, chord.theta *= TIME_RATIO)
        if (longest_edge(&chord, y, loss, SAMPLES + 1, share, hull) && (!found || strength(&chord) > strength(best)))
        {
            *best = chord;
            found = 1;
        }
    found = found && polish_chord(best, front);
    for (double ratio = TIME_RATIO, k = 0; k < REFINEMENTS && found; k++)
    {
        chord_struct later, earlier;

        if (follow(&later, best, front, best->theta * ratio) && strength(&later) > strength(best))
            *best = later;
        else if (follow(&earlier, best, front, best->theta / ratio) && strength(&earlier) > strength(best))
            *best = earlier;
        else
            ratio = sqrt(ratio);
    }
    flint_free(y);
    flint_free(loss);
    flint_free(hull);
    return found;
}

/* The climb ************************************************************************************/

/* Where the densities are, and the place of family_t to begin at. */
typedef struct
{
    double origin;
    double square;
    double reach;
    double rho;
    double theta;
    double width_rho;
    double width_theta;
}
start_struct;

/* |x| beyond which lower + theta x^2/2 - rho x is above a value of H by many times nu. */
static double
reach_for(const caustic_front_t front, const start_struct * start, double theta, double nu, double nats)
{
    double value[3], lower = arf_get_d(front->lower, ARF_RND_DOWN), x = sqrt(start->square), height;

    lifted_loss(value, front, 0, start->origin - x);
    height = value[0] + start->theta * x * x / 2 + start->rho * x;
    lifted_loss(value, front, 0, start->origin + x);
    height = fmax(height, value[0] + start->theta * x * x / 2 - start->rho * x) - lower + 2 * nu * nats;
    return (fabs(start->rho) + sqrt(start->rho * start->rho + 2 * theta * fmax(height, 0))) / theta;
}

static double
steepness(const family_t family, double rho, double theta)
{
    arb_ptr x = _arb_vec_init(2);
    double res = -HUGE_VAL;
    arb_t w;

    arb_init(w);
    arb_set_d(x, rho);
    arb_set_d(x + 1, theta);
    if (theta > 0 && family_slope(w, family, x, x + 1, 0))
        res = -ball_guess(w);
    arb_clear(w);
    _arb_vec_clear(x, 2);
    return res;
}

/* Uphill along the axes, with steps that are halved where no neighbour is higher. Proves nothing. */
static void
climb(start_struct * at, const family_t family)
{
    static const int direction[4][2] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}};
    double width = at->width_rho, time = at->width_theta, top = steepness(family, at->rho, at->theta);
    slong halvings = 0;

    for (slong evaluations = 0; evaluations < EVALUATIONS && halvings < HALVINGS;)
    {
        int moved = 0;

        for (int i = 0; i < 4; i++, evaluations++)
        {
            double rho = at->rho + direction[i][0] * width, theta = at->theta + direction[i][1] * time;
            double here = steepness(family, rho, theta);

            if (here > top)
            {
                at->rho = rho;
                at->theta = theta;
                top = here;
                moved = 1;
            }
        }
        if (!moved)
        {
            halvings++;
            width /= 2;
            time /= 2;
        }
    }
}

/* The strict local maximum *********************************************************************/

static void
steepest_equations(arb_ptr value, arb_mat_t hessian, arb_srcptr x, const void * data, slong prec)
{
    arb_ptr w = _arb_vec_init(6);

    (void) prec;
    /* what is not known comes back not finite, and stays so */
    (void) !family_slope(w, data, x, x + 1, 2);
    arb_set(value, w + family_entry(2, 1, 0));
    arb_set(value + 1, w + family_entry(2, 0, 1));
    arb_mul_2exp_si(arb_mat_entry(hessian, 0, 0), w + family_entry(2, 2, 0), 1);
    arb_set(arb_mat_entry(hessian, 0, 1), w + family_entry(2, 1, 1));
    arb_set(arb_mat_entry(hessian, 1, 0), w + family_entry(2, 1, 1));
    arb_mul_2exp_si(arb_mat_entry(hessian, 1, 1), w + family_entry(2, 0, 2), 1);
    _arb_vec_clear(w, 6);
}

/* The zero of the gradient near `start`, where the Hessian is definite, and v_s < 0 there to so many digits. */
static int
find_steepest(steepest_struct * res, const start_struct * start, const caustic_front_t front, const fmpq_t viscosity, slong digits)
{
    double nu = fmpq_get_d(viscosity);
    family_t family;
    int proved = 0;

    family_init(family);
    for (slong attempt = 1; attempt <= ATTEMPTS && !proved; attempt++)
    {
        /* derivatives have up to four factors 1/nu */
        double nats = 2.303 * (double) (digits + attempt * MORE_DIGITS) + 4 * fmax(0, -log(nu));

        res->origin = start->origin;
        res->square = start->square;
        res->reach = reach_for(front, start, 0.9 * start->theta, nu, 1.2 * nats);
        if (!family_set(family, front, viscosity, start->origin, start->square, res->reach, start->theta, nats))
            break;
        arb_set_d(res->at, start->rho);
        arb_set_d(res->at + 1, start->theta);
        proved = newton_zero(res->at, 2, steepest_equations, family, family->prec) && arb_is_positive(res->at + 1)
            && family_is_convex(family, res->at) && family_slope(res->least, family, res->at, res->at + 1, 0)
            && arb_is_negative(res->least) && (double) arb_rel_accuracy_bits(res->least) > 3.33 * (double) digits
            && (double) arb_rel_accuracy_bits(res->at + 1) > 3.33 * (double) digits;
    }
    family_clear(family);
    return proved;
}

/* All together *********************************************************************************/

void
steepest_init(steepest_struct * steepest)
{
    arb_init(steepest->at);
    arb_init(steepest->at + 1);
    arb_init(steepest->least);
}

void
steepest_clear(steepest_struct * steepest)
{
    arb_clear(steepest->at);
    arb_clear(steepest->at + 1);
    arb_clear(steepest->least);
}

static int
climb_from(start_struct * start, const caustic_front_t front, const fmpq_t viscosity)
{
    double nu = fmpq_get_d(viscosity);
    family_t family;
    int climbed;

    family_init(family);
    start->reach = reach_for(front, start, start->theta / 2, nu, 2 * GUESS_NATS);
    /* the origin of the grid is a shorter number */
    climbed = family_set(family, front, viscosity, start->origin, start->square, start->reach, start->theta, GUESS_NATS - 2 * fmin(0, log(nu)));
    if (climbed)
    {
        double origin = arf_get_d(family->origin, ARF_RND_NEAR);

        start->rho += start->theta * (start->origin - origin);
        start->origin = origin;
        climb(start, family);
    }
    family_clear(family);
    return climbed;
}

int
steepest_near(steepest_struct * res, const caustic_front_t front, double origin, double square, double rho, double theta,
    const fmpq_t viscosity, slong digits)
{
    double nu = fmpq_get_d(viscosity), width = fmax(2 * sqrt(square), sqrt(nu));
    start_struct start = {.origin = origin, .square = square, .rho = rho, .theta = theta, .width_rho = 4 * nu / width,
        .width_theta = theta * fmin(0.25, sqrt(nu))};

    return climb_from(&start, front, viscosity) && find_steepest(res, &start, front, viscosity, digits);
}

/* From the strongest shock, else from (s, t). */
static int
steepest_of_all(steepest_struct * res, const caustic_front_t front, const landscape_struct * landscape, double s, double t,
    const fmpq_t viscosity, slong digits)
{
    double lower = landscape->lower, upper = landscape->upper, width = upper - lower;
    chord_struct chord;

    if (landscape->periodic)
    {
        lower -= width;
        upper += width;
    }
    else if (landscape->core)
    {
        lower -= 1 + width / 2;
        upper += 1 + width / 2;
    }
    else
    {
        lower = s - 8;
        upper = s + 8;
    }
    if (strongest_shock(&chord, front, lower, upper, landscape->periodic ? 0.1668 : 1))
    {
        double middle = (chord.left + chord.right) / 2, half = (chord.right - chord.left) / 2;

        return steepest_near(res, front, middle, half * half, chord.slope - chord.theta * middle, chord.theta, viscosity, digits);
    }
    return steepest_near(res, front, s, 0, 0, 1 / t, viscosity, digits);
}

caustic_result
caustic_front_steepest(arb_t value, arb_t position, arb_t time, caustic_front_scope * scope, caustic_text_t why, const caustic_front_t front,
    const arb_t s, const arb_t t, const fmpq_t viscosity, slong digits)
{
    landscape_struct landscape;
    steepest_struct steepest;
    double s0 = ball_guess(s), t0 = ball_guess(t);
    int known, proved = 0;

    landscape_init(&landscape);
    steepest_init(&steepest);
    *scope = CAUSTIC_FRONT_LOCAL;
    known = landscape_find(&landscape, front);
    if (!(isfinite(s0) && isfinite(t0) && t0 > 0))
    {
        s0 = 0;
        t0 = 1;
    }
    proved = fmpq_sgn(viscosity) > 0 && steepest_of_all(&steepest, front, &landscape, s0, t0, viscosity, digits);
    if (proved)
    {
        slong prec = (slong) (3.34 * (double) (digits + MORE_DIGITS)) + 64;

        arb_neg(value, steepest.least);
        arb_inv(time, steepest.at + 1, prec);
        arb_mul(position, steepest.at, time, prec);
        arb_set_d(steepest.least, steepest.origin);
        arb_add(position, position, steepest.least, prec);
        arb_neg(steepest.least, value);
        if (!known)
            caustic_text_append(why, "the loss neither repeats by its form, nor is its second derivative at least 0 by its form "
                "far out on both sides");
        else if (is_least_slope(why, front, &landscape, &steepest, viscosity))
            *scope = arb_lt(landscape.bend_most, value) ? CAUSTIC_FRONT_GLOBAL : CAUSTIC_FRONT_STEEPEST;
    }
    else
    {
        arb_indeterminate(value);
        arb_indeterminate(position);
        arb_indeterminate(time);
        caustic_text_append(why, "no strict local maximum of -v_s was proved near where a climb from the strongest shock ended");
    }
    landscape_clear(&landscape);
    steepest_clear(&steepest);
    return proved ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
}
