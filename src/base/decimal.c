/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdlib.h>
#include <string.h>
#include <mpfr.h>
#include <flint/arf.h>
#include <caustic/base.h>

/* "d.ddde-ee" from MPFR's digits and exponent; plain notation where that is not longer than a few
   zeros. The value printed is exactly 0.digits * 10^exponent. */
static void
print_decimal(caustic_text_t out, const char * digits, long exponent)
{
    size_t length;

    if (*digits == '-')
    {
        caustic_text_append(out, "-");
        digits++;
    }

    length = strlen(digits);
    while (length > 1 && digits[length - 1] == '0')
        length--;

    if (exponent > 0 && exponent <= 21)
    {
        for (long i = 0; i < exponent; i++)
            caustic_text_append_length(out, (size_t) i < length ? digits + i : "0", 1);

        if (length > (size_t) exponent)
        {
            caustic_text_append(out, ".");
            caustic_text_append_length(out, digits + exponent, length - (size_t) exponent);
        }
    }
    else if (exponent <= 0 && exponent > -5)
    {
        caustic_text_append(out, "0.");
        for (long i = exponent; i < 0; i++)
            caustic_text_append(out, "0");
        caustic_text_append_length(out, digits, length);
    }
    else
    {
        caustic_text_append_length(out, digits, 1);
        if (length > 1)
        {
            caustic_text_append(out, ".");
            caustic_text_append_length(out, digits + 1, length - 1);
        }
        caustic_text_printf(out, "e%ld", exponent - 1);
    }
}

/* An end of the ball, rounded to the given number of decimal digits in the given direction.
   mpfr_get_str rounds correctly in each direction (MPFR manual, "Conversion Functions"). */
static void
print_end(caustic_text_t out, const arb_t x, slong digits, int upper)
{
    arf_t end;
    mpfr_t value;

    arf_init(end);

    if (upper)
        arb_get_ubound_arf(end, x, 30 + 4 * digits);
    else
        arb_get_lbound_arf(end, x, 30 + 4 * digits);

    if (arf_is_nan(end) || arf_is_inf(end))
    {
        caustic_text_append(out, upper ? "inf" : "-inf");
    }
    else if (arf_is_zero(end))
    {
        caustic_text_append(out, "0");
    }
    else
    {
        mpfr_exp_t exponent;
        char * string;

        mpfr_init2(value, 32 + 4 * digits);
        arf_get_mpfr(value, end, upper ? MPFR_RNDU : MPFR_RNDD);

        if (!mpfr_regular_p(value)) /* beyond MPFR's exponent range: say so, outward */
        {
            caustic_text_append(out, upper ? "inf" : "-inf");
        }
        else
        {
            string = mpfr_get_str(NULL, &exponent, 10, (size_t) FLINT_MAX(digits, 1), value,
                upper ? MPFR_RNDU : MPFR_RNDD);
            print_decimal(out, string, (long) exponent);
            mpfr_free_str(string);
        }

        mpfr_clear(value);
    }

    arf_clear(end);
}

void
caustic_print_upper(caustic_text_t out, const arb_t x, slong digits)
{
    print_end(out, x, digits, 1);
}

void
caustic_print_lower(caustic_text_t out, const arb_t x, slong digits)
{
    print_end(out, x, digits, 0);
}
