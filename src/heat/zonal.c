/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    zonal: solutions on R^k times a sphere that depend on one angle there: a trapezoid sum in the flat coordinates and in the
    angle, with every error in every derivative [HEAT-34].
*/

#include <math.h>
#include <string.h>
#include "base/ball.h"
#include "heat_internal.h"
#include "kernel.h"

#define PREC 64             /* of bounds */
#define AXES CAUSTIC_SPACE_DIMENSION
#define ABOVE_PI 3.1415927  /* a double above pi */
#define LEVELS 12           /* heights of strips of complex angles */
#define LOW_STRIP 7        /* of the heights below */
#define GUESSES 17          /* samples of a strip, to guess */
#define BOXES_LIMIT 4000    /* of one strip */
#define DEGREES_LIMIT 4000  /* of the sums that smoothing takes */
#define LEAST_SAMPLES 32
#define MOST_SAMPLES 4096
#define SUM_LIMIT 4000000   /* samples in all */
#define SPREAD_BITS 4       /* a degree: what the recurrences of P_l lose */

static const double heights[LEVELS] = {3, 2, 1.4, 1, 0.7, 0.5, 0.35, 0.2, 0.1, 0.05, 0.02, 0.01};

void
caustic_zonal_init(caustic_zonal_t zonal, slong dimension, slong sphere, const fmpq_t rate)
{
    memset(zonal, 0, sizeof(caustic_zonal_struct));
    zonal->dimension = dimension;
    zonal->sphere = sphere;
    fmpq_init(zonal->rate);
    fmpq_set(zonal->rate, rate);
    caustic_grid_init(zonal->grid, dimension);
    for (slong m = 0; m < 5; m++)
    {
        arb_init(zonal->smoothing + m);
        arb_init(zonal->size + m);
        if (m < 4)
            arb_init(zonal->defect + m);
    }
}

void
caustic_zonal_clear(caustic_zonal_t zonal)
{
    fmpq_clear(zonal->rate);
    caustic_grid_clear(zonal->grid);
    for (slong m = 0; m < 5; m++)
    {
        arb_clear(zonal->smoothing + m);
        arb_clear(zonal->size + m);
        if (m < 4)
            arb_clear(zonal->defect + m);
    }
}

static void
times_rate(arb_t x, const caustic_zonal_struct * zonal, slong prec)
{
    arb_mul_fmpz(x, x, fmpq_numref(zonal->rate), prec);
    arb_div_fmpz(x, x, fmpq_denref(zonal->rate), prec);
}

static void
times_viscosity(arb_t x, const caustic_space_struct * space, slong prec)
{
    arb_mul_fmpz(x, x, fmpq_numref(space->viscosity), prec);
    arb_div_fmpz(x, x, fmpq_denref(space->viscosity), prec);
}

/* (1 - x^2) h'' - (n - 1) x h', and (1 - x^2) h''' - (n + 1) x h'' - (n - 1) h' */
void
caustic_zonal_operator_bound(arb_t res, const caustic_zonal_t zonal, const arb_struct * bound, slong order)
{
    slong n = zonal->sphere;

    arb_set(res, bound + order + 2);
    if (order == 1)
        arb_addmul_si(res, bound + 2, n + 1, PREC);
    arb_addmul_si(res, bound + 1, n - 1, PREC);
    times_rate(res, zonal, PREC);
    ball_upper_end(res, res, PREC);
}

/* Smoothing **********************************************************************************/

/* sqrt(C(l + n - 1, n - 1)) l^(2m) exp(-nu rate l (l + n - 2) t); decay is nu rate t. */
static void
smoothing_term(arb_t res, slong l, slong m, slong n, const arb_t decay)
{
    arb_t power;

    arb_init(power);
    arb_bin_uiui(res, (ulong) (l + n - 1), (ulong) (n - 1), PREC);
    arb_sqrt(res, res, PREC);
    arb_set_si(power, l);
    arb_pow_ui(power, power, (ulong) (2 * m), PREC);
    arb_mul(res, res, power, PREC);
    arb_mul_si(power, decay, -l * (l + n - 2), PREC);
    arb_exp(power, power, PREC);
    arb_mul(res, res, power, PREC);
    arb_clear(power);
}

/* [HEAT-34] The sum of the terms from degree 1; terms whose ratio is below 1/2, and decreases, add up to no more than the last one. Not
   finite where that takes too many. */
static void
smoothing_of(arb_t res, slong m, slong n, const arb_t decay)
{
    arb_t term, next, ratio;
    slong l;

    arb_init(term);
    arb_init(next);
    arb_init(ratio);
    arb_zero(res);
    smoothing_term(term, 1, m, n, decay);
    for (l = 1; l < DEGREES_LIMIT; l++)
    {
        arb_add(res, res, term, PREC);
        smoothing_term(next, l + 1, m, n, decay);
        arb_div(ratio, next, term, PREC);
        arb_mul_2exp_si(ratio, ratio, 1);
        arb_sub_ui(ratio, ratio, 1, PREC);
        arb_swap(term, next);
        if (arb_is_negative(ratio))
            break;
    }
    /* what is left: next, and half of it, ... */
    arb_mul_2exp_si(term, term, 1);
    arb_add(res, res, term, PREC);
    ball_upper_end(res, res, PREC);
    if (l >= DEGREES_LIMIT || !arb_is_finite(res))
        arb_pos_inf(res);
    arb_clear(term);
    arb_clear(next);
    arb_clear(ratio);
}

static void
set_smoothing(caustic_zonal_t zonal, const caustic_space_struct * space, const arb_t t)
{
    arb_t decay;

    arb_init(decay);
    ball_lower_end(decay, t, PREC);
    times_rate(decay, zonal, PREC);
    times_viscosity(decay, space, PREC);
    arb_one(zonal->smoothing);
    for (slong m = 1; m < 5; m++)
        if (m > 1 && !arb_is_finite(zonal->smoothing + m - 1))
            arb_pos_inf(zonal->smoothing + m);
        else
            smoothing_of(zonal->smoothing + m, m, zonal->sphere, decay);
    arb_clear(decay);
}

/* Strips of complex angles *******************************************************************/

/* The loss at one node of the grid and complex angles. */
typedef struct
{
    const caustic_space_struct * space;
    caustic_evaluator * evaluator;
    acb_ptr argument; /* k numbers and the angle */
    acb_t value;
}
node_struct;

static void
node_init(node_struct * node, const caustic_space_struct * space)
{
    node->space = space;
    node->evaluator = caustic_evaluator_new(space->loss);
    node->argument = _acb_vec_init(space->dimension + 1);
    acb_init(node->value);
}

static void
node_clear(node_struct * node)
{
    caustic_evaluator_free(node->evaluator);
    _acb_vec_clear(node->argument, node->space->dimension + 1);
    acb_clear(node->value);
}

/* The flat coordinates of node `index`, the last axis running fastest, as exact numbers. */
static void
place_of_node(arf_struct * y, const caustic_grid_struct * grid, slong index)
{
    for (slong i = grid->dimension - 1; i >= 0; i--)
    {
        slong count = 2 * grid->reach[i] + 1;

        arf_set_d(y + i, grid->step[i]);
        arf_mul_si(y + i, y + i, index % count - grid->reach[i], ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_add(y + i, y + i, grid->centre + i, ARF_PREC_EXACT, ARF_RND_DOWN);
        index /= count;
    }
}

/* An upper end of -Re l/(2 nu) for angles in the rectangle; 0 where l is not seen to be holomorphic there. */
static int
exponent_on(arf_t res, node_struct * node, double left, double right, double low, double high)
{
    slong k = node->space->dimension;
    arb_ptr value = acb_realref(node->value);
    int finite;

    set_offsets(acb_realref(node->argument + k), left, right);
    set_offsets(acb_imagref(node->argument + k), low, high);
    caustic_evaluate_acb(node->value, node->evaluator, node->argument, PREC);
    finite = acb_is_finite(node->value);
    arb_div_fmpz(value, value, fmpq_numref(node->space->viscosity), PREC);
    arb_mul_fmpz(value, value, fmpq_denref(node->space->viscosity), PREC);
    arb_mul_2exp_si(value, value, -1);
    arb_neg(value, value);
    arb_get_ubound_arf(res, value, PREC);
    return finite && !arf_is_nan(res);
}

/* About log sup |f| at that imaginary part; infinite where there is none. */
static double
guess_level(node_struct * node, double height)
{
    double level = -HUGE_VAL;
    arf_t top;

    arf_init(top);
    for (slong j = 0; j < GUESSES && level < HUGE_VAL; j++)
    {
        double x = ABOVE_PI * (double) j / (GUESSES - 1);

        level = exponent_on(top, node, x, x, height, height) ? fmax(level, arf_get_d(top, ARF_RND_NEAR)) : HUGE_VAL;
    }
    arf_clear(top);
    return level;
}

/* log sup |f| on |Im angle| <= height at most, where f is holomorphic, both proved; pieces above the threshold are cut. The loss is even, of
   period 2 pi and real: [0, pi] x [0, height] is enough. 0 where that did not succeed. */
static int
prove_level(arf_t level, node_struct * node, double height, double threshold)
{
    struct {double left, right, low, high;} stack[128], box, half;
    slong length = 0, count = 0;
    arf_t top, limit;
    int proved = 1;

    arf_init(top);
    arf_init(limit);
    arf_set_d(limit, threshold);
    arf_neg_inf(level);
    stack[length].left = stack[length].low = 0;
    stack[length].right = ABOVE_PI;
    stack[length++].high = height;
    while (length > 0 && proved)
    {
        box = half = stack[--length];
        count++;
        if (exponent_on(top, node, box.left, box.right, box.low, box.high) && arf_cmp(top, limit) <= 0)
        {
            arf_max(level, level, top);
            continue;
        }
        proved = count < BOXES_LIMIT && length < 120;
        if (box.right - box.left > box.high - box.low)
            box.right = half.left = box.left + (box.right - box.left) / 2;
        else
            box.high = half.low = box.low + (box.high - box.low) / 2;
        stack[length++] = box;
        stack[length++] = half;
    }
    arf_clear(top);
    arf_clear(limit);
    return proved;
}

/* Modes **************************************************************************************/

/* sum_{k >= first} q^k k^e <= first^e q^first/(1 - q (1 + 1/first)^e), q = exp(-height) [HEAT-22]; not finite where the ratio is not below 1. */
static void
geometric_tail(arb_t res, double height, slong first, slong e)
{
    arb_t q, ratio;

    arb_init(q);
    arb_init(ratio);
    arb_set_d(q, -height);
    arb_set_si(ratio, first + 1);
    arb_div_si(ratio, ratio, first, PREC);
    arb_pow_ui(ratio, ratio, (ulong) e, PREC);
    arb_exp(res, q, PREC);
    arb_mul(ratio, ratio, res, PREC);
    arb_sub_ui(ratio, ratio, 1, PREC);
    arb_neg(ratio, ratio);
    arb_mul_si(q, q, first, PREC);
    arb_exp(q, q, PREC);
    arb_set_si(res, first);
    arb_pow_ui(res, res, (ulong) e, PREC);
    arb_mul(res, res, q, PREC);
    arb_div(res, res, ratio, PREC);
    if (!arb_is_positive(ratio))
        arb_pos_inf(res);
    arb_clear(q);
    arb_clear(ratio);
}

/* [HEAT-34] With |f| <= M for |Im angle| <= height and K = samples/2 modes: what d^m of the rest is at most, over M:
   2 sum_{k >= K} q^k k^(2m), and for k < K the aliases, each 4 q^(N-k)/(1 - q^N) <= 4 q^K q^(K-k)/(1 - q^N). */
static void
rest_of_modes(arb_t res, double height, slong samples, slong m)
{
    slong terms = samples / 2;
    arb_t q, x;

    arb_init(q);
    arb_init(x);
    geometric_tail(res, height, terms, 2 * m);
    arb_mul_2exp_si(res, res, 1);
    /* 4 K^(2m) q^K sum_{j >= 1} q^j/(1 - q^N) <= 4 K^(2m) q^K q/(1 - q)^2 */
    arb_set_d(q, -height);
    arb_exp(x, q, PREC);
    arb_mul_si(q, q, terms, PREC);
    arb_exp(q, q, PREC);
    arb_mul(q, q, x, PREC);
    arb_sub_ui(x, x, 1, PREC);
    arb_sqr(x, x, PREC);
    arb_div(q, q, x, PREC);
    arb_mul_2exp_si(q, q, 2);
    arb_set_si(x, terms);
    arb_pow_ui(x, x, (ulong) (2 * m), PREC);
    arb_addmul(res, q, x, PREC);
    ball_upper_end(res, res, PREC);
    arb_clear(q);
    arb_clear(x);
}

/* An upper bound of log of h^k |K(s - y, t)| on the polydisc, y the node: weight = log of the factor in front. */
static void
weight_of_node(arb_t res, const caustic_grid_struct * grid, const kernel_struct * kernel, const arb_struct * low,
    const arb_struct * high, slong index, const arb_t front)
{
    arb_zero(res);
    for (slong i = grid->dimension - 1; i >= 0; i--)
    {
        slong count = 2 * grid->reach[i] + 1;
        /* an exact double: an integer below 2^20 times a step of 24 bits */
        double offset = (double) (index % count - grid->reach[i]) * grid->step[i];

        kernel_add_axis(res, kernel, low + i, high + i, offset, offset, 0);
        index /= count;
    }
    kernel_exponent(res, kernel, res);
    arb_add(res, res, front, PREC);
}

/* What the nodes' strips look like. */
typedef struct
{
    slong length;
    arb_ptr weight;   /* log of the kernel's factor, an upper bound */
    double * guess;   /* LEVELS a node */
}
nodes_struct;

static void
nodes_init(nodes_struct * nodes, const caustic_zonal_struct * zonal, const caustic_space_struct * space)
{
    const caustic_grid_struct * grid = zonal->grid;
    slong k = zonal->dimension;
    arb_ptr low = _arb_vec_init(k), high = _arb_vec_init(k);
    arf_struct place[AXES];
    kernel_t kernel;
    node_struct node;
    arb_t front, x;

    nodes->length = 1;
    for (slong i = 0; i < k; i++)
        nodes->length *= 2 * grid->reach[i] + 1;
    nodes->weight = _arb_vec_init(nodes->length);
    nodes->guess = flint_malloc((size_t) (LEVELS * nodes->length) * sizeof(double));
    kernel_init(kernel);
    node_init(&node, space);
    arb_init(front);
    arb_init(x);
    for (slong i = 0; i < AXES; i++)
        arf_init(place + i);
    if (kernel_set(kernel, space->viscosity, grid->t, grid->radius_t, grid->radius_s) == 0)
        arb_indeterminate(front);
    for (slong i = 0; i < k; i++)
    {
        kernel_offsets(low + i, high + i, kernel, grid->s + i, grid->centre + i, 8 * PREC);
        /* log(h sqrt(kappa/pi)) */
        arb_const_pi(x, PREC);
        arb_div(x, kernel->kappa_upper, x, PREC);
        arb_sqrt(x, x, PREC);
        arb_set_d(acb_realref(node.value), grid->step[i]);
        arb_mul(x, x, acb_realref(node.value), PREC);
        arb_log(x, x, PREC);
        arb_add(front, front, x, PREC);
    }
    for (slong j = 0; j < nodes->length; j++)
    {
        weight_of_node(nodes->weight + j, grid, kernel, low, high, j, front);
        place_of_node(place, grid, j);
        for (slong i = 0; i < k; i++)
        {
            arb_set_arf(acb_realref(node.argument + i), place + i);
            arb_zero(acb_imagref(node.argument + i));
        }
        for (slong h = 0; h < LEVELS; h++)
            nodes->guess[j * LEVELS + h] = guess_level(&node, heights[h]);
    }
    for (slong i = 0; i < AXES; i++)
        arf_clear(place + i);
    arb_clear(front);
    arb_clear(x);
    kernel_clear(kernel);
    node_clear(&node);
    _arb_vec_clear(low, k);
    _arb_vec_clear(high, k);
}

static void
nodes_clear(nodes_struct * nodes)
{
    _arb_vec_clear(nodes->weight, nodes->length);
    flint_free(nodes->guess);
}

/* The height at which the rest of so many modes is about least at node j, and the logarithm of that; -1: none. */
static slong
best_height(double * rest, const nodes_struct * nodes, slong j, slong samples)
{
    slong best = -1;

    *rest = HUGE_VAL;
    for (slong h = 0; h < LEVELS; h++)
    {
        double level = nodes->guess[j * LEVELS + h];
        double x = ball_guess(nodes->weight + j) + level - heights[h] * (double) (samples / 2) - 2 * log(heights[h]);

        if (level < HUGE_VAL && x < *rest)
        {
            *rest = x;
            best = h;
        }
    }
    return best;
}

/* How many samples are enough, by guesses; 0: none. */
static slong
choose_samples(const nodes_struct * nodes, double nats)
{
    for (slong samples = LEAST_SAMPLES; samples <= MOST_SAMPLES && samples * nodes->length <= 2 * SUM_LIMIT; samples *= 2)
    {
        double worst = -HUGE_VAL, rest;

        for (slong j = 0; j < nodes->length && worst < HUGE_VAL; j++)
            worst = best_height(&rest, nodes, j, samples) < 0 ? HUGE_VAL : fmax(worst, rest);
        /* the powers of k in three derivatives, and the sum over the nodes */
        if (worst + 6 * log((double) samples) + log((double) nodes->length) + 4 < -nats)
            return samples;
    }
    return 0;
}

/* log of weight times sup |f| on a strip of height number h, or lower where that is not proved; the height in the end, LEVELS: none. */
static slong
mass_of_strip(arb_t mass, node_struct * node, const nodes_struct * nodes, slong j, slong h)
{
    arf_t level;
    int proved = 0;

    arf_init(level);
    for (; h < LEVELS; h++)
    {
        proved = nodes->guess[j * LEVELS + h] < HUGE_VAL && prove_level(level, node, heights[h], nodes->guess[j * LEVELS + h] + 2);
        if (proved)
            break;
    }
    arb_set_arf(mass, level);
    arb_add(mass, mass, nodes->weight + j, PREC);
    arb_exp(mass, mass, PREC);
    arf_clear(level);
    return h;
}

/* Adds node j's share to the defects, from the strip that makes the rest small, and to the sizes, where smoothing gives none,
   from a low strip. 0 where no strip was proved. */
static int
add_node(caustic_zonal_t zonal, node_struct * node, const nodes_struct * nodes, slong j, const arb_struct (* rests)[4],
    const arb_struct (* sums)[5])
{
    double rest;
    slong h = best_height(&rest, nodes, j, zonal->samples);
    arb_t mass;
    int proved;

    arb_init(mass);
    h = h < 0 ? LEVELS : mass_of_strip(mass, node, nodes, j, h);
    proved = h < LEVELS;
    for (slong m = 0; m < 4 && proved; m++)
        arb_addmul(zonal->defect + m, mass, rests[h] + m, PREC);
    if (proved && !arb_is_finite(zonal->smoothing + 4))
    {
        h = mass_of_strip(mass, node, nodes, j, FLINT_MAX(h, LOW_STRIP));
        proved = h < LEVELS;
        for (slong m = 0; m < 5 && proved; m++)
            arb_addmul(zonal->size + m, mass, sums[h] + m, PREC);
    }
    arb_clear(mass);
    return proved;
}

/* [HEAT-34] defect_m = error smoothing_m + sum over the nodes of weight sup |f| rest_m; size_m = mass smoothing_m, or where that is not
   finite the sum over the nodes of weight sup |f| (1 + 2 sum q^k k^(2m) + rest_m). */
static int
prove_modes(caustic_zonal_t zonal, const caustic_space_struct * space, const nodes_struct * nodes)
{
    arb_struct rests[LEVELS][4], sums[LEVELS][5], place_ball;
    arf_struct place[AXES];
    node_struct node;
    int proved = 1;

    arb_init(&place_ball);
    for (slong h = 0; h < LEVELS; h++)
    {
        for (slong m = 0; m < 5; m++)
        {
            arb_init(sums[h] + m);
            geometric_tail(sums[h] + m, heights[h], 1, 2 * m);
            /* where the first ratio is not below 1: the terms up to a degree from which it is */
            for (slong first = 2; first <= (1 << 14) && !arb_is_finite(sums[h] + m); first *= 2)
            {
                geometric_tail(sums[h] + m, heights[h], first, 2 * m);
                arb_set_si(&place_ball, first);
                arb_pow_ui(&place_ball, &place_ball, (ulong) (2 * m + 1), PREC);
                arb_add(sums[h] + m, sums[h] + m, &place_ball, PREC);
            }
            arb_mul_2exp_si(sums[h] + m, sums[h] + m, 1);
            arb_add_ui(sums[h] + m, sums[h] + m, 1, PREC);
            if (m < 4)
            {
                arb_init(rests[h] + m);
                rest_of_modes(rests[h] + m, heights[h], zonal->samples, m);
                /* the sum S has the modes below K with their aliases */
                arb_add(sums[h] + m, sums[h] + m, rests[h] + m, PREC);
            }
            else
            {
                rest_of_modes(&place_ball, heights[h], zonal->samples, m);
                arb_add(sums[h] + m, sums[h] + m, &place_ball, PREC);
            }
        }
    }
    for (slong i = 0; i < AXES; i++)
        arf_init(place + i);
    node_init(&node, space);
    for (slong m = 0; m < 5; m++)
    {
        arb_zero(zonal->size + m);
        if (m < 4 && arb_is_zero(zonal->grid->error))
            arb_zero(zonal->defect + m);
        else if (m < 4)
            arb_mul(zonal->defect + m, zonal->grid->error, zonal->smoothing + m, PREC);
    }
    for (slong j = 0; j < nodes->length && proved; j++)
    {
        place_of_node(place, zonal->grid, j);
        for (slong i = 0; i < zonal->dimension; i++)
            arb_set_arf(acb_realref(node.argument + i), place + i);
        proved = add_node(zonal, &node, nodes, j, (const arb_struct (*)[4]) rests, (const arb_struct (*)[5]) sums);
    }
    for (slong m = 0; m < 5 && arb_is_finite(zonal->smoothing + 4); m++)
        arb_mul(zonal->size + m, zonal->grid->mass, zonal->smoothing + m, PREC);
    for (slong m = 0; m < 5; m++)
    {
        ball_upper_end(zonal->size + m, zonal->size + m, PREC);
        if (m < 4)
            ball_upper_end(zonal->defect + m, zonal->defect + m, PREC);
    }
    proved = proved && arb_is_finite(zonal->defect) && arb_is_finite(zonal->size);
    node_clear(&node);
    arb_clear(&place_ball);
    for (slong i = 0; i < AXES; i++)
        arf_clear(place + i);
    for (slong h = 0; h < LEVELS; h++)
        for (slong m = 0; m < 5; m++)
        {
            arb_clear(sums[h] + m);
            if (m < 4)
                arb_clear(rests[h] + m);
        }
    return proved;
}

caustic_result
caustic_zonal_find(caustic_zonal_t zonal, const caustic_space_t space, arb_srcptr s, const arb_t t, const arf_t radius_s,
    const arf_t radius_t, double nats)
{
    caustic_result result;
    nodes_struct nodes;
    double more;

    for (slong m = 0; m < 5; m++)
    {
        arb_indeterminate(zonal->size + m);
        if (m < 4)
            arb_indeterminate(zonal->defect + m);
    }
    set_smoothing(zonal, space, t);
    more = arb_is_finite(zonal->smoothing + 3) ? fmax(0, ball_log_guess(zonal->smoothing + 3)) : 0;
    result = caustic_grid_find(zonal->grid, space, s, t, radius_s, radius_t, nats + more);
    if (result != CAUSTIC_OK)
        return result;
    nodes_init(&nodes, zonal, space);
    zonal->samples = choose_samples(&nodes, nats);
    if (zonal->samples == 0 || !prove_modes(zonal, space, &nodes))
        result = CAUSTIC_NO_RESOURCES;
    /* where lower strips were proved than were hoped for */
    while (result == CAUSTIC_OK && ball_log_guess(zonal->defect) > -nats && 2 * zonal->samples <= MOST_SAMPLES)
    {
        zonal->samples *= 2;
        result = prove_modes(zonal, space, &nodes) ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
    }
    nodes_clear(&nodes);
    return result;
}

/* The sum ************************************************************************************/

/* res has COEFFICIENTS^(dimension - axis) entries, the last axis running fastest: f summed against every choice of one vector an
   axis. Recursion over the axes, at most CAUSTIC_SPACE_DIMENSION deep. */
static void
contract(arb_ptr res, arb_srcptr f, const slong * counts, slong dimension, arb_ptr const * axes, slong axis, slong prec)
{
    slong count = counts[axis], inner = 1, below = 1;
    arb_ptr part;

    if (axis == dimension - 1)
    {
        for (slong a = 0; a < COEFFICIENTS; a++)
            arb_dot(res + a, NULL, 0, axes[axis] + a * count, 1, f, 1, count, prec);
        return;
    }
    for (slong i = axis + 1; i < dimension; i++)
    {
        inner *= counts[i];
        below *= COEFFICIENTS;
    }
    part = _arb_vec_init(below);
    _arb_vec_zero(res, COEFFICIENTS * below);
    for (slong j = 0; j < count; j++)
    {
        contract(part, f + j * inner, counts, dimension, axes, axis + 1, prec);
        for (slong a = 0; a < COEFFICIENTS; a++)
            for (slong b = 0; b < below; b++)
                arb_addmul(res + a * below + b, axes[axis] + a * count + j, part + b, prec);
    }
    _arb_vec_clear(part, below);
}

static slong
read_value(arb_t res, slong * last, arb_srcptr all, slong n, slong k)
{
    slong choice[AXES] = {0}, order = 0;

    for (slong i = 0; i < k; i++)
        order += choice[i] = (n >> (2 * i)) & 3;
    arb_set(res, all + grid_place_of(choice, k));
    *last = choice[k - 1];
    return order;
}

static slong
read_slope(arb_t res, slong * last, arb_srcptr all, slong n, slong k, slong prec)
{
    slong choice[AXES] = {0}, order = 0;

    arb_zero(res);
    for (slong i = 0; i < k; i++)
        order += choice[i] = (n >> i) & 1;
    *last = choice[k - 1];
    for (slong i = 0; i < k; i++)
    {
        choice[i] += 4;
        arb_add(res, res, all + grid_place_of(choice, k), prec);
        choice[i] -= 4;
    }
    return order;
}

/* COEFFICIENTS vectors of K: exp(-nu rate l (l + n - 2) t) P_l^(m)(x)/m!, m <= 3, and its derivative in t, m <= 1, at an exact x. */
static void
eigenfunctions(arb_ptr res, slong terms, const caustic_zonal_struct * zonal, const caustic_space_struct * space, const arb_t x,
    const arb_t t, arb_srcptr recurrence, slong prec)
{
    arb_ptr p = _arb_vec_init(12), last = p, mode = p + 4, next = p + 8, swap;
    arb_t decay, slope;

    arb_init(decay);
    arb_init(slope);
    arb_one(mode);
    for (slong l = 0; l < terms; l++)
    {
        arb_set_si(slope, -l * (l + zonal->sphere - 2));
        times_rate(slope, zonal, prec);
        times_viscosity(slope, space, prec);
        arb_mul(decay, slope, t, prec);
        arb_exp(decay, decay, prec);
        arb_mul(slope, slope, decay, prec);
        for (slong m = 0; m < 4; m++)
        {
            arb_mul(res + m * terms + l, mode + m, decay, prec);
            if (m < 2)
                arb_mul(res + (4 + m) * terms + l, mode + m, slope, prec);
            /* P^(m)_{l+1}/m! = x P^(m)_l/m! + P^(m-1)_l/(m-1)! - b_l P^(m)_{l-1}/m! */
            arb_mul(next + m, x, mode + m, prec);
            if (m > 0)
                arb_add(next + m, next + m, mode + m - 1, prec);
            arb_submul(next + m, recurrence + l, last + m, prec);
        }
        swap = last;
        last = mode;
        mode = next;
        next = swap;
    }
    arb_clear(decay);
    arb_clear(slope);
    _arb_vec_clear(p, 12);
}

/* COEFFICIENTS vectors of K: e^(nu t L) T_k in place of P_l, from T_{k+1} = 2 x T_k - T_{k-1} with x as an operator on coefficients. */
static void
chebyshev_modes(arb_ptr res, arb_srcptr modes, slong terms, arb_srcptr recurrence, slong prec)
{
    arb_ptr room = _arb_vec_init(3 * (terms + 1)), last = room, now = room + terms + 1, next = now + terms + 1, swap;

    arb_one(now);
    for (slong k = 0; k < terms; k++)
    {
        for (slong c = 0; c < COEFFICIENTS; c++)
            arb_dot(res + c * terms + k, NULL, 0, now, 1, modes + c * terms, 1, k + 1, prec);
        /* next = (2 - [k = 0]) x now - last */
        for (slong l = 0; l <= k + 1 && l <= terms; l++)
        {
            if (l > 0)
                arb_set(next + l, now + l - 1);
            else
                arb_zero(next + l);
            if (l < k)
                arb_addmul(next + l, now + l + 1, recurrence + l + 1, prec);
            if (k > 0)
                arb_mul_2exp_si(next + l, next + l, 1);
            arb_sub(next + l, next + l, last + l, prec);
        }
        swap = last;
        last = now;
        now = next;
        next = swap;
    }
    _arb_vec_clear(room, 3 * (terms + 1));
}

/* The weights of the samples f(2 pi i/N), i <= N/2: sum_k (2 - [k = 0])/N u_k cos(2 pi i k/N), twice where i is not an end. */
static void
weights_of_samples(arb_ptr axis, arb_srcptr modes, slong samples, slong prec)
{
    slong terms = samples / 2, count = terms + 1;
    arb_ptr cosine = _arb_vec_init(samples), row = _arb_vec_init(terms);
    fmpq_t angle;

    fmpq_init(angle);
    for (slong i = 0; i < samples; i++)
    {
        fmpq_set_si(angle, 2 * i, (ulong) samples);
        arb_cos_pi_fmpq(cosine + i, angle, prec);
    }
    for (slong i = 0; i < count; i++)
    {
        for (slong k = 0; k < terms; k++)
            arb_mul_2exp_si(row + k, cosine + (i * k) % samples, k > 0);
        for (slong c = 0; c < COEFFICIENTS; c++)
        {
            arb_ptr weight = axis + c * count + i;

            arb_dot(weight, NULL, 0, row, 1, modes + c * terms, 1, terms, prec);
            arb_div_si(weight, weight, samples, prec);
            if (i > 0 && i < terms)
                arb_mul_2exp_si(weight, weight, 1);
        }
    }
    fmpq_clear(angle);
    _arb_vec_clear(cosine, samples);
    _arb_vec_clear(row, terms);
}

static void
angle_coefficients(arb_ptr axis, const caustic_zonal_struct * zonal, const caustic_space_struct * space, const arb_t x, const arb_t t, slong prec)
{
    slong terms = zonal->samples / 2, working = prec + 64 + SPREAD_BITS * terms;
    arb_ptr modes = _arb_vec_init(2 * COEFFICIENTS * terms), chebyshev = modes + COEFFICIENTS * terms;
    arb_ptr recurrence = _arb_vec_init(terms + 2);

    for (slong l = 1; l < terms + 2; l++)
        sphere_recurrence(recurrence + l, l, zonal->sphere, working);
    eigenfunctions(modes, terms, zonal, space, x, t, recurrence, working);
    chebyshev_modes(chebyshev, modes, terms, recurrence, working);
    weights_of_samples(axis, chebyshev, zonal->samples, prec);
    _arb_vec_clear(modes, 2 * COEFFICIENTS * terms);
    _arb_vec_clear(recurrence, terms + 2);
}

/* f at all nodes and angles 2 pi i/N, i <= N/2, the angle running fastest. */
static void
initial_values(arb_ptr f, slong nodes, const caustic_zonal_struct * zonal, const caustic_space_struct * space, slong prec)
{
    slong k = zonal->dimension, count = zonal->samples / 2 + 1;
    caustic_evaluator * evaluator = caustic_evaluator_new(space->loss);
    arb_ptr y = _arb_vec_init(k + 1), angle = _arb_vec_init(count);
    arf_struct place[AXES];
    arb_t scale;

    arb_init(scale);
    arb_set_fmpq(scale, space->viscosity, prec);
    arb_mul_si(scale, scale, -2, prec);
    arb_inv(scale, scale, prec);
    for (slong i = 0; i < AXES; i++)
        arf_init(place + i);
    for (slong i = 0; i < count; i++)
    {
        arb_const_pi(angle + i, prec);
        arb_mul_si(angle + i, angle + i, 2 * i, prec);
        arb_div_si(angle + i, angle + i, zonal->samples, prec);
    }
    for (slong j = 0; j < nodes; j++)
    {
        place_of_node(place, zonal->grid, j);
        for (slong i = 0; i < k; i++)
            arb_set_arf(y + i, place + i);
        for (slong i = 0; i < count; i++)
        {
            arb_ptr value = f + j * count + i;

            arb_set(y + k, angle + i);
            caustic_evaluate_arb(value, evaluator, y, prec);
            arb_mul(value, value, scale, prec);
            arb_exp(value, value, prec);
        }
    }
    for (slong i = 0; i < AXES; i++)
        arf_clear(place + i);
    arb_clear(scale);
    _arb_vec_clear(y, k + 1);
    _arb_vec_clear(angle, count);
    caustic_evaluator_free(evaluator);
}

/* An exact number of [-1, 1] and its distance from all numbers of [-1, 1] in x. */
static void
middle_of(arb_t middle, arb_t width, const arb_t x)
{
    arb_get_mid_arb(middle, x);
    arb_get_rad_arb(width, x);
    if (arf_cmpabs_ui(arb_midref(middle), 1) > 0)
        arb_set_si(middle, arf_sgn(arb_midref(middle)));
}

/* coefficient += bound/(m! radius_s^flat), perhaps over radius_t */
static void
add_bound(arb_t coefficient, const arb_t bound, const caustic_grid_struct * grid, slong flat, slong m)
{
    arb_t x, y;
    mag_t radius;

    arb_init(x);
    arb_init(y);
    mag_init(radius);
    arb_set_arf(x, grid->radius_s);
    arb_pow_ui(x, x, (ulong) flat, PREC);
    arb_fac_ui(y, (ulong) m, PREC);
    arb_mul(x, x, y, PREC);
    arb_div(x, bound, x, PREC);
    if (arb_is_finite(x))
    {
        arb_get_mag(radius, x);
        arb_add_error_mag(coefficient, radius);
    }
    else
        arb_indeterminate(coefficient);
    arb_clear(x);
    arb_clear(y);
    mag_clear(radius);
}

/* (L_x h)'' = (1 - x^2) h'''' - (n + 3) x h''' - 2 n h'' */
static void
second_operator_bound(arb_t res, const caustic_zonal_struct * zonal, const arb_struct * bound)
{
    arb_set(res, bound + 4);
    arb_addmul_si(res, bound + 3, zonal->sphere + 3, PREC);
    arb_addmul_si(res, bound + 2, 2 * zonal->sphere, PREC);
    times_rate(res, zonal, PREC);
}

/* [HEAT-34] E, and what the width of x changes, inside coefficient n. */
static void
add_to_value(arb_t value, const caustic_zonal_struct * zonal, slong flat, slong m, const arb_t width)
{
    arb_t bound;

    arb_init(bound);
    add_bound(value, zonal->defect + m, zonal->grid, flat, m);
    arb_mul(bound, width, zonal->size + m + 1, PREC);
    if (!arb_is_zero(width))
        add_bound(value, bound, zonal->grid, flat, m);
    arb_clear(bound);
}

/* The derivative in t of the flat kernels is bounded by Cauchy, that of the sphere's by the operator. */
static void
add_to_slope(arb_t slope, const caustic_zonal_struct * zonal, const caustic_space_struct * space, slong flat, slong m, const arb_t width)
{
    arb_t bound, x;

    arb_init(bound);
    arb_init(x);
    caustic_zonal_operator_bound(bound, zonal, zonal->defect, m);
    times_viscosity(bound, space, PREC);
    if (zonal->dimension > 0)
    {
        arb_div_arf(x, zonal->defect + m, zonal->grid->radius_t, PREC);
        arb_add(bound, bound, x, PREC);
    }
    add_bound(slope, bound, zonal->grid, flat, m);
    if (!arb_is_zero(width))
    {
        if (m == 0)
            caustic_zonal_operator_bound(bound, zonal, zonal->size, 1);
        else
            second_operator_bound(bound, zonal, zonal->size);
        times_viscosity(bound, space, PREC);
        if (zonal->dimension > 0)
        {
            arb_div_arf(x, zonal->size + m + 1, zonal->grid->radius_t, PREC);
            arb_add(bound, bound, x, PREC);
        }
        arb_mul(bound, bound, width, PREC);
        add_bound(slope, bound, zonal->grid, flat, m);
    }
    arb_clear(bound);
    arb_clear(x);
}

void
caustic_zonal_expand(arb_ptr value, arb_ptr slope, const caustic_zonal_t zonal, const caustic_space_t space, arb_srcptr s,
    const arb_t t, slong prec)
{
    slong k = zonal->dimension, nodes = 1, places = COEFFICIENTS, counts[AXES], last, order;
    arb_ptr axes[AXES], f, all;
    arb_t kappa, middle, width;

    arb_init(kappa);
    arb_init(middle);
    arb_init(width);
    middle_of(middle, width, s + k);
    arb_set_fmpq(kappa, space->viscosity, prec);
    arb_mul(kappa, kappa, t, prec);
    arb_mul_2exp_si(kappa, kappa, 2);
    arb_inv(kappa, kappa, prec);
    for (slong i = 0; i <= k; i++)
    {
        counts[i] = i < k ? 2 * zonal->grid->reach[i] + 1 : zonal->samples / 2 + 1;
        axes[i] = _arb_vec_init(COEFFICIENTS * counts[i]);
        if (i < k)
        {
            grid_axis_coefficients(axes[i], zonal->grid, i, kappa, s + i, t, prec);
            nodes *= counts[i];
            places *= COEFFICIENTS;
        }
        else
            angle_coefficients(axes[i], zonal, space, middle, t, prec);
    }
    f = _arb_vec_init(nodes * counts[k]);
    all = _arb_vec_init(places);
    initial_values(f, nodes, zonal, space, prec);
    contract(all, f, counts, k + 1, axes, 0, prec);

    for (slong n = 0; n < (1L << (2 * (k + 1))); n++)
    {
        order = read_value(value + n, &last, all, n, k + 1);
        add_to_value(value + n, zonal, order - last, last, width);
    }
    for (slong n = 0; n < (1L << (k + 1)); n++)
    {
        order = read_slope(slope + n, &last, all, n, k + 1, prec);
        add_to_slope(slope + n, zonal, space, order - last, last, width);
    }
    for (slong i = 0; i <= k; i++)
        _arb_vec_clear(axes[i], COEFFICIENTS * counts[i]);
    _arb_vec_clear(f, nodes * counts[k]);
    _arb_vec_clear(all, places);
    arb_clear(kappa);
    arb_clear(middle);
    arb_clear(width);
}
