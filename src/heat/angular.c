/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    angular: initial data as a function of an angle, on circles and zonal on spheres, and bounds of it on strips of
    complex angles.
*/

#include <math.h>
#include <string.h>
#include "angular.h"

#define PREC 64
#define SAMPLES 128        /* that guide */
#define BOXES_LIMIT 40000
#define NARROW 1e-7        /* no box is halved below this width */
#define ABOVE_PI 3.1415927 /* a double above pi */

static caustic_tape *
tape_of(const caustic_pool * pool, caustic_expr e, caustic_expr symbol)
{
    return caustic_tape_new(pool, &e, 1, &symbol, 1);
}

caustic_result
caustic_angular_init(caustic_angular_t data, caustic_pool * pool, slong sphere, caustic_expr symbol, caustic_expr near,
    caustic_expr far, const fmpq_t rate, const fmpq_t viscosity)
{
    data->sphere = sphere;
    fmpq_init(data->rate);
    fmpq_init(data->viscosity);
    fmpq_set(data->rate, rate);
    fmpq_set(data->viscosity, viscosity);
    data->near = tape_of(pool, near, symbol);
    data->far = sphere == 2 ? tape_of(pool, far, symbol) : NULL;
    data->near_slope = tape_of(pool, caustic_derivative(pool, near, symbol), symbol);
    data->far_slope = sphere == 2 ? tape_of(pool, caustic_derivative(pool, far, symbol), symbol) : NULL;
    return data->near != NULL && data->near_slope != NULL && (sphere > 2 || (data->far != NULL && data->far_slope != NULL))
        && sphere >= 2 && fmpq_sgn(rate) > 0 && fmpq_sgn(viscosity) > 0 ? CAUSTIC_OK : CAUSTIC_UNSUPPORTED;
}

void
caustic_angular_clear(caustic_angular_t data)
{
    caustic_tape_free(data->near);
    caustic_tape_free(data->far);
    caustic_tape_free(data->near_slope);
    caustic_tape_free(data->far_slope);
    fmpq_clear(data->rate);
    fmpq_clear(data->viscosity);
}

static caustic_evaluator *
evaluator_of(const caustic_tape * tape)
{
    return tape == NULL ? NULL : caustic_evaluator_new(tape);
}

void
angular_loss_init(angular_loss_struct * loss, const caustic_angular_struct * data)
{
    loss->data = data;
    loss->near = evaluator_of(data->near);
    loss->far = evaluator_of(data->far);
    loss->near_slope = evaluator_of(data->near_slope);
    loss->far_slope = evaluator_of(data->far_slope);
}

void
angular_loss_clear(angular_loss_struct * loss)
{
    caustic_evaluator_free(loss->near);
    caustic_evaluator_free(loss->near_slope);
    if (loss->far != NULL)
        caustic_evaluator_free(loss->far);
    if (loss->far_slope != NULL)
        caustic_evaluator_free(loss->far_slope);
}

/* l on the box x, by its tape or by the mean value form with its slope, whichever is narrower; boxes are convex. */
static void
loss_on_box(acb_t res, caustic_evaluator * value, caustic_evaluator * slope, const acb_t x, slong prec)
{
    acb_t middle, mean, s;

    caustic_evaluate_acb(res, value, x, prec);
    if (!acb_is_finite(res) || acb_rel_accuracy_bits(x) > prec / 2)
        return;

    acb_init(middle);
    acb_init(mean);
    acb_init(s);
    acb_get_mid(middle, x);
    caustic_evaluate_acb(mean, value, middle, prec);
    caustic_evaluate_acb(s, slope, x, prec);
    acb_sub(middle, x, middle, prec);
    acb_addmul(mean, s, middle, prec);
    if (acb_is_finite(mean) && mag_cmp(arb_radref(acb_realref(mean)), arb_radref(acb_realref(res))) < 0)
        acb_set(res, mean);
    acb_clear(middle);
    acb_clear(mean);
    acb_clear(s);
}

/* [HEAT-21] On the circle tan(angle/2) and its inverse are the two charts. They change at a vertical line which is an edge of
   all smaller rectangles below. */
void
angular_loss_at(acb_t res, const angular_loss_struct * loss, const acb_t angle, slong prec)
{
    acb_t x;

    acb_init(x);
    if (loss->far == NULL)
    {
        acb_cos(x, angle, prec);
        loss_on_box(res, loss->near, loss->near_slope, x, prec);
    }
    else
    {
        int is_near = fabs(arf_get_d(arb_midref(acb_realref(angle)), ARF_RND_NEAR)) < ABOVE_PI / 2;

        acb_mul_2exp_si(x, angle, -1);
        if (is_near)
            acb_tan(x, x, prec);
        else
            acb_cot(x, x, prec);
        loss_on_box(res, is_near ? loss->near : loss->far, is_near ? loss->near_slope : loss->far_slope, x, prec);
    }
    acb_clear(x);
}

/* -l/(2 nu) */
static void
exponent_at(acb_t res, const angular_loss_struct * loss, const acb_t angle, slong prec)
{
    arb_t nu;

    arb_init(nu);
    angular_loss_at(res, loss, angle, prec);
    arb_set_fmpq(nu, loss->data->viscosity, prec);
    arb_mul_si(nu, nu, -2, prec);
    acb_div_arb(res, res, nu, prec);
    arb_clear(nu);
}

void
angular_samples(acb_ptr res, const caustic_angular_struct * data, slong length, slong prec)
{
    angular_loss_struct loss;
    acb_t angle;

    acb_init(angle);
    angular_loss_init(&loss, data);
    for (slong j = 0; j < length; j++)
    {
        arb_const_pi(acb_realref(angle), prec + 32);
        arb_mul_si(acb_realref(angle), acb_realref(angle), 2 * j - length, prec + 32);
        arb_div_si(acb_realref(angle), acb_realref(angle), length, prec + 32);
        exponent_at(res + j, &loss, angle, prec);
        acb_exp(res + j, res + j, prec);
    }
    angular_loss_clear(&loss);
    acb_clear(angle);
}

double
angular_level(const caustic_angular_struct * data, double height)
{
    angular_loss_struct loss;
    acb_t x;
    double level = -HUGE_VAL;

    acb_init(x);
    angular_loss_init(&loss, data);
    for (slong j = 0; j < SAMPLES; j++)
    {
        double value;

        acb_set_d_d(x, ABOVE_PI * (2 * j - SAMPLES + 1) / SAMPLES, height);
        exponent_at(x, &loss, x, PREC);
        value = arf_get_d(arb_midref(acb_realref(x)), ARF_RND_NEAR);
        level = acb_is_finite(x) ? fmax(level, value) : HUGE_VAL;
        if (level == HUGE_VAL)
            break;
    }
    angular_loss_clear(&loss);
    acb_clear(x);
    return level;
}

/* A rectangle of angles; its ends are doubles, so neighbours share their edges exactly. */
typedef struct
{
    double left, right, low, high;
}
rectangle_struct;

static void
set_rectangle(acb_t res, const rectangle_struct * box)
{
    arb_t end;

    arb_init(end);
    arb_set_d(acb_realref(res), box->left);
    arb_set_d(end, box->right);
    arb_union(acb_realref(res), acb_realref(res), end, PREC);
    arb_set_d(acb_imagref(res), box->low);
    arb_set_d(end, box->high);
    arb_union(acb_imagref(res), acb_imagref(res), end, PREC);
    arb_clear(end);
}

/* [HEAT-21] The upper half of the strip is covered; the lower half is its mirror image. The angle of spheres is even, so that
   half of that is enough. */
int
angular_strip_sup(arb_t sup, slong * boxes, const caustic_angular_struct * data, double height, double threshold)
{
    rectangle_struct * stack = flint_malloc(sizeof(rectangle_struct) * 128);
    angular_loss_struct loss;
    slong length = 0, count = 0;
    acb_t x;
    arf_t top, limit, highest;
    int proved = 1;

    acb_init(x);
    arf_init(top);
    arf_init(limit);
    arf_init(highest);
    arf_set_d(limit, threshold);
    arf_neg_inf(highest);
    angular_loss_init(&loss, data);
    stack[length++] = (rectangle_struct) {data->sphere == 2 ? -ABOVE_PI : 0, ABOVE_PI, 0, height};

    while (length > 0 && proved)
    {
        rectangle_struct box = stack[--length], half = box;

        set_rectangle(x, &box);
        exponent_at(x, &loss, x, PREC);
        arb_get_ubound_arf(top, acb_realref(x), PREC);
        count++;
        if (acb_is_finite(x) && arf_cmp(top, limit) <= 0)
        {
            if (arf_cmp(top, highest) > 0)
                arf_set(highest, top);
            continue;
        }
        proved = count < BOXES_LIMIT && length < 120 && fmax(box.right - box.left, box.high - box.low) > NARROW;
        if (box.right - box.left > box.high - box.low)
            box.right = half.left = box.left + (box.right - box.left) / 2;
        else
            box.high = half.low = box.low + (box.high - box.low) / 2;
        stack[length++] = box;
        stack[length++] = half;
    }

    arb_set_arf(sup, highest);
    arb_exp(sup, sup, PREC);
    arb_get_ubound_arf(top, sup, PREC);
    arb_set_arf(sup, top);
    *boxes += count;

    angular_loss_clear(&loss);
    flint_free(stack);
    acb_clear(x);
    arf_clear(top);
    arf_clear(limit);
    arf_clear(highest);
    return proved;
}

int
angular_least(arb_t least, const caustic_angular_struct * data)
{
    angular_loss_struct loss;
    acb_t x;
    arf_t end, lowest;
    int found = 0;

    acb_init(x);
    arf_init(end);
    arf_init(lowest);
    angular_loss_init(&loss, data);
    for (slong pieces = 1024; pieces <= 16 * 1024 && !found; pieces *= 4)
    {
        double left = data->sphere == 2 ? -ABOVE_PI : 0, step = (ABOVE_PI - left) / (double) pieces;

        arf_pos_inf(lowest);
        found = 1;
        for (slong j = 0; j < pieces && found; j++)
        {
            /* Each piece begins where the last one ended, and the last one ends above pi, whatever the rounding. */
            rectangle_struct box = {left, j + 1 == pieces ? ABOVE_PI : left + step, 0, 0};

            left = box.right;
            set_rectangle(x, &box);
            exponent_at(x, &loss, x, PREC);
            arb_get_lbound_arf(end, acb_realref(x), PREC);
            arf_min(lowest, lowest, end);
            found = acb_is_finite(x);
        }
    }
    arb_set_arf(least, lowest);
    arb_exp(least, least, PREC);
    arb_get_lbound_arf(end, least, PREC);
    arb_set_arf(least, end);
    found = found && arb_is_finite(least) && arb_is_positive(least);
    if (!found)
        arb_zero(least);

    angular_loss_clear(&loss);
    acb_clear(x);
    arf_clear(end);
    arf_clear(lowest);
    return found;
}
