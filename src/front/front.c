/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <caustic/field.h>
#include "front_internal.h"

/* The loss in lowest terms, where that is much shorter: one over data has a term a row until then. It is the same function on the
   domain, as an element of the exact field. */
static caustic_expr
shortest_loss(caustic_pool * pool, caustic_expr loss, const caustic_setting_struct * setting)
{
    caustic_expr other = caustic_lowest_terms(pool, loss, setting->coordinate[0], setting->coordinate_domain);

    return other != CAUSTIC_NONE && 2 * caustic_expr_nodes(pool, other) < caustic_expr_nodes(pool, loss) ? other : loss;
}

/* The flat coordinate, the loss as a function of it on the whole line, and a lower bound. */
static int
find_line(caustic_front_t front, caustic_text_t why, const caustic_reduction_t reduction, caustic_expr loss)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_interval_t line;
    caustic_text_t other;
    int found;

    caustic_interval_init(line);
    caustic_text_init(other);
    if (caustic_flatten(front->flat, front->pool, setting->coordinate[0], setting->coordinate_domain,
            reduction->cometric_expr[0], reduction->drift_expr[0], CAUSTIC_NONE) == CAUSTIC_OK
        && caustic_flattening_is_proved(why, front->flat))
    {
        front->loss = caustic_substitute(front->pool, loss, setting->coordinate, &front->flat->inverse, 1);
        found = caustic_flattening_lower_bound(front->lower, front->pool, front->flat, loss, setting->coordinate_domain, front->loss, NULL);
        if (!found)
            caustic_text_append(why, "no lower bound of the loss on the whole line was found");
    }
    else if (unroll_circle(front, other, reduction, loss))
    {
        caustic_text_reset(why);
        found = caustic_lower_bound(front->lower, front->pool, front->loss, front->flat->s, line);
        if (!found)
            caustic_text_append(why, "no lower bound of the loss on the circle was found");
    }
    else
    {
        found = 0;
        if (why->length == 0)
            (void) caustic_flattening_is_proved(why, front->flat);
        caustic_text_printf(why, "; %s", other->data);
    }
    caustic_text_clear(other);
    caustic_interval_clear(line);
    return found;
}

caustic_result
caustic_front_init(caustic_front_t front, caustic_text_t why, const caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_expr loss;

    memset(front, 0, sizeof(caustic_front_struct));
    front->pool = setting->pool;
    front->loss = front->period = CAUSTIC_NONE;
    caustic_flattening_init(front->flat);
    arf_init(front->lower);

    if (setting->coordinates != 1 || !reduction->derived || reduction->loss == CAUSTIC_NONE || setting->density != CAUSTIC_NONE)
    {
        caustic_text_append(why, setting->coordinates != 1 ? "the quotient is not one-dimensional"
            : !reduction->derived ? "the reduction was not derived" : "the case has no loss without nu");
        return CAUSTIC_UNSUPPORTED;
    }
    loss = shortest_loss(front->pool, setting->loss_in_parameters ? reduction->loss : setting->loss, setting);
    if (!find_line(front, why, reduction, loss))
        return CAUSTIC_UNSUPPORTED;

    front->tape = caustic_tape_new(front->pool, &front->loss, 1, &front->flat->s, 1);
    front->map = caustic_tape_new(front->pool, &front->flat->map, 1, setting->coordinate, 1);
    if (front->tape == NULL || front->map == NULL)
    {
        caustic_text_append(why, "the loss depends on something else than the coordinate");
        return CAUSTIC_UNSUPPORTED;
    }
    return CAUSTIC_OK;
}

void
caustic_front_clear(caustic_front_t front)
{
    caustic_flattening_clear(front->flat);
    arf_clear(front->lower);
    if (front->tape != NULL)
        caustic_tape_free(front->tape);
    if (front->map != NULL)
        caustic_tape_free(front->map);
}

void
psi_series(arb_ptr res, const caustic_front_t front, const arb_t t, const arb_t y, slong length, slong prec)
{
    arb_t half_square;

    arb_init(half_square);
    caustic_tape_evaluate_series(&res, front->tape, y, length, prec);
    _arb_vec_scalar_mul(res, res, length, t, prec);
    arb_sqr(half_square, y, prec);
    arb_mul_2exp_si(half_square, half_square, -1);
    arb_add(res, res, half_square, prec);
    if (length > 1)
        arb_add(res + 1, res + 1, y, prec);
    arb_set_d(half_square, 0.5);
    if (length > 2)
        arb_add(res + 2, res + 2, half_square, prec);
    arb_clear(half_square);
}
