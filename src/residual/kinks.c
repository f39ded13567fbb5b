/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    kinks: where the loss of a solution in flat coordinates has kinks, in words.
*/

#include "flat.h"

#define PREC 128
#define DIGITS 20
#define KINKS_LIMIT 6
/* Denominators of places that are tried as exact ones. */
#define DENOMINATOR_BITS 40

/* The rational number of smallest denominator in the ball, where that is short. */
static int
simple_rational(fmpq_t res, const arb_t x)
{
    arf_t end;
    fmpq_t low, high;
    int simple = 0;

    arf_init(end);
    fmpq_init(low);
    fmpq_init(high);
    if (arb_is_finite(x) && mag_cmp_2exp_si(arb_radref(x), -3 * DENOMINATOR_BITS) < 0)
    {
        arb_get_lbound_arf(end, x, 2 * PREC);
        arf_get_fmpq(low, end);
        arb_get_ubound_arf(end, x, 2 * PREC);
        arf_get_fmpq(high, end);
        fmpq_simplest_between(res, low, high);
        simple = fmpz_bits(fmpq_denref(res)) <= DENOMINATOR_BITS;
    }
    arf_clear(end);
    fmpq_clear(low);
    fmpq_clear(high);
    return simple;
}

/* Whether the argument of a branch of the loss, in the coordinate, is 0 at the number: exactly. */
static int
is_kink(caustic_pool * pool, caustic_expr loss, caustic_expr coordinate, const fmpq_t x)
{
    caustic_expr * arguments, value = caustic_number(pool, x), zero = caustic_integer(pool, 0);
    slong length = caustic_expr_branch_arguments(&arguments, pool, loss);
    int found = 0;

    for (slong i = 0; i < length && !found; i++)
        found = caustic_substitute(pool, arguments[i], &coordinate, &value, 1) == zero;
    flint_free(arguments);
    return found;
}

static void
write_place(caustic_text_t out, const flat_t flat, caustic_expr coordinate, caustic_expr map, const arb_t s, caustic_expr symbol)
{
    caustic_tape * inverse = flat->dimension == 1 ? caustic_tape_new(flat->pool, flat->chart->inverse, 1, &symbol, 1) : NULL;
    caustic_expr name = inverse != NULL ? coordinate : symbol;
    caustic_expr loss = inverse != NULL ? caustic_substitute(flat->pool, flat->loss, &symbol, &map, 1) : flat->loss;
    arb_t z;
    fmpq_t exact;
    char * text;

    arb_init(z);
    fmpq_init(exact);
    if (inverse != NULL)
        caustic_tape_evaluate_arb(z, inverse, s, 4 * PREC);
    else
        arb_set(z, s);
    if (simple_rational(exact, z) && loss != CAUSTIC_NONE && is_kink(flat->pool, loss, name, exact))
        text = fmpq_get_str(NULL, 10, exact);
    else
        text = arb_get_str(z, DIGITS, 0);
    caustic_text_printf(out, "%s = %s", caustic_expr_name(flat->pool, name), text);
    flint_free(text);
    caustic_tape_free(inverse);
    arb_clear(z);
    fmpq_clear(exact);
}

void
flat_write_kinks(caustic_text_t out, const flat_t flat, const caustic_expr * coordinate)
{
    slong written = 0;
    arb_t s;

    arb_init(s);
    for (slong i = 0; i < flat->blocks; i++)
    {
        const caustic_profile_struct * profile = flat->block[i].profile;

        for (slong k = 1; flat->block[i].pieced && k < profile->pieces; k++, written++)
        {
            if (written == KINKS_LIMIT)
                caustic_text_append(out, " and elsewhere");
            if (written >= KINKS_LIMIT)
                continue;
            arb_set_interval_arf(s, profile->end + 2 * k - 1, profile->end + 2 * k, 16 * PREC);
            caustic_text_append(out, written == 0 ? "; the loss has kinks, between which it is integrated apart, at " : ", ");
            write_place(out, flat, coordinate[0], flat->chart->map[0], s, profile->symbol);
        }
    }
    arb_clear(s);
}
