/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    kinks: where the loss of a solution has kinks, in words.
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

/* The kink in the ball s: the number in the coordinate, exact where a branch's argument is proved to vanish there, else as a ball. */
static void
write_place(caustic_text_t out, const caustic_profile_struct * profile, caustic_expr coordinate, caustic_expr inverse, caustic_expr loss,
    const arb_t s)
{
    caustic_tape * tape = caustic_tape_new(profile->pool, &inverse, 1, &profile->symbol, 1);
    arb_t z;
    fmpq_t exact;
    char * text;

    arb_init(z);
    fmpq_init(exact);
    if (tape != NULL)
        caustic_tape_evaluate_arb(z, tape, s, 4 * PREC);
    else
        arb_indeterminate(z);
    if (simple_rational(exact, z) && loss != CAUSTIC_NONE && is_kink(profile->pool, loss, coordinate, exact))
        text = fmpq_get_str(NULL, 10, exact);
    else
        text = arb_get_str(z, DIGITS, 0);
    caustic_text_printf(out, "%s = %s", caustic_expr_name(profile->pool, coordinate), text);
    flint_free(text);
    caustic_tape_free(tape);
    arb_clear(z);
    fmpq_clear(exact);
}

slong
write_kinks(caustic_text_t out, slong written, const caustic_profile_struct * profile, caustic_expr coordinate, caustic_expr inverse,
    caustic_expr loss)
{
    arb_t s;

    arb_init(s);
    for (slong k = 1; k < profile->pieces && written <= KINKS_LIMIT; k++, written++)
    {
        if (written == KINKS_LIMIT)
        {
            caustic_text_append(out, " and elsewhere");
            continue;
        }
        arb_set_interval_arf(s, profile->end + 2 * k - 1, profile->end + 2 * k, 16 * PREC);
        caustic_text_append(out, written == 0 ? "; the loss has kinks, between which it is integrated apart, at " : ", ");
        write_place(out, profile, coordinate, inverse, loss, s);
    }
    arb_clear(s);
    return written;
}

void
flat_write_kinks(caustic_text_t out, const flat_t flat, const caustic_expr * coordinate)
{
    slong written = 0;

    for (slong i = 0; i < flat->blocks; i++)
    {
        const caustic_profile_struct * profile = flat->block[i].profile;

        if (!flat->block[i].pieced)
            continue;
        /* in the one coordinate, else in the flat ones */
        if (flat->dimension == 1 && !flat->covered)
            written = write_kinks(out, written, profile, coordinate[0], flat->chart->inverse[0],
                caustic_substitute(flat->pool, flat->loss, flat->chart->s, flat->chart->map, 1));
        else
            written = write_kinks(out, written, profile, profile->symbol, profile->symbol, flat->block[i].loss);
    }
}
