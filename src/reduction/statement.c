/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdarg.h>
#include "statement.h"

void
statement_init(statement_t statement, const char * name)
{
    statement->name = name;
    statement->verdict = CAUSTIC_PROVED;
    caustic_text_init(statement->detail);
}

void
statement_clear(statement_t statement)
{
    caustic_text_clear(statement->detail);
}

void
statement_conclude(caustic_checks_t checks, statement_t statement, const char * proved, ...)
{
    if (statement->verdict == CAUSTIC_PROVED)
    {
        va_list arguments;

        caustic_text_reset(statement->detail);
        va_start(arguments, proved);
        caustic_text_vprintf(statement->detail, proved, arguments);
        va_end(arguments);
    }

    caustic_checks_add(checks, statement->name, statement->verdict, "%s", statement->detail->data);
    statement_clear(statement);
}

/* Whether news of this verdict replaces what is known: REFUTED always does the first time, an open
   question only what is so far proved. */
static int
outranks(const statement_t statement, caustic_verdict verdict)
{
    if (verdict == CAUSTIC_REFUTED)
        return statement->verdict != CAUSTIC_REFUTED;

    return verdict == CAUSTIC_UNDECIDED && statement->verdict == CAUSTIC_PROVED;
}

static void
record(statement_t statement, caustic_verdict verdict, const char * format, va_list arguments)
{
    statement->verdict = verdict;
    caustic_text_reset(statement->detail);
    caustic_text_vprintf(statement->detail, format, arguments);
}

/* The sentence says what is wrong; where it is not known to be wrong, it must not sound so. */
static void
say_whether_open(statement_t statement)
{
    char * sentence;

    if (statement->verdict != CAUSTIC_UNDECIDED)
        return;

    sentence = caustic_string_copy(statement->detail->data);
    caustic_text_reset(statement->detail);
    caustic_text_printf(statement->detail, "neither proved nor refuted: %s", sentence);
    flint_free(sentence);
}

void
statement_fail(statement_t statement, caustic_verdict verdict, const char * format, ...)
{
    va_list arguments;

    if (!outranks(statement, verdict))
        return;

    va_start(arguments, format);
    record(statement, verdict, format, arguments);
    va_end(arguments);
}

void
statement_require_zero(statement_t statement, gr_srcptr x, gr_ctx_t ctx, const char * format, ...)
{
    caustic_witness_t witness;
    caustic_verdict verdict;
    truth_t zero;
    va_list arguments;

    if (statement->verdict == CAUSTIC_REFUTED)
        return;

    caustic_witness_init(witness, caustic_field_symbols(ctx));
    zero = caustic_field_is_zero(x, witness, ctx);

    if (zero != T_TRUE)
    {
        verdict = (zero == T_FALSE) ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;

        if (outranks(statement, verdict))
        {
            va_start(arguments, format);
            record(statement, verdict, format, arguments);
            va_end(arguments);
            say_whether_open(statement);

            if (zero == T_FALSE)
            {
                caustic_text_append(statement->detail, " fails at ");
                caustic_witness_print(statement->detail, witness, ctx);
            }
            else
            {
                caustic_text_append(statement->detail,
                    ": neither reduced to 0 nor found non-zero at any point tried");
            }
        }
    }

    caustic_witness_clear(witness);
}

void
statement_require_found_zero(statement_t statement, gr_srcptr x, gr_ctx_t ctx, const char * format, ...)
{
    va_list arguments;

    if (caustic_field_is_zero(x, NULL, ctx) != T_TRUE && outranks(statement, CAUSTIC_UNDECIDED))
    {
        va_start(arguments, format);
        record(statement, CAUSTIC_UNDECIDED, format, arguments);
        va_end(arguments);
    }
}

void
statement_require_sign(statement_t statement, gr_srcptr x, int want, gr_ctx_t ctx, const char * format, ...)
{
    caustic_witness_t witness;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    caustic_sign sign = caustic_field_sign(x, ctx);
    va_list arguments;
    int found;

    if (sign == (want > 0 ? CAUSTIC_SIGN_POSITIVE : CAUSTIC_SIGN_NEGATIVE))
        return;

    caustic_witness_init(witness, caustic_field_symbols(ctx));
    found = caustic_field_find_sign(witness, x, -want, ctx);

    if (found || sign == CAUSTIC_SIGN_ZERO)
        verdict = CAUSTIC_REFUTED;

    if (outranks(statement, verdict))
    {
        va_start(arguments, format);
        record(statement, verdict, format, arguments);
        va_end(arguments);
        say_whether_open(statement);

        if (found)
        {
            caustic_text_append(statement->detail, " fails at ");
            caustic_witness_print(statement->detail, witness, ctx);
        }
        else if (sign == CAUSTIC_SIGN_ZERO)
            caustic_text_append(statement->detail, " fails: it is 0 everywhere");
        else if (sign == (want > 0 ? CAUSTIC_SIGN_NONNEGATIVE : CAUSTIC_SIGN_NONPOSITIVE))
            caustic_text_append(statement->detail, ": it may vanish somewhere on the domain");
        else
            caustic_text_append(statement->detail,
                ": the sign on the whole domain could not be read off, and no counterexample was found");
    }

    caustic_witness_clear(witness);
}

void
statement_require_smooth(statement_t statement, caustic_expr e, const caustic_expr * nonzero, slong length,
    gr_ctx_t ctx, const char * format, ...)
{
    caustic_verdict verdict;
    caustic_text_t why;
    truth_t smooth;
    va_list arguments;

    if (statement->verdict == CAUSTIC_REFUTED)
        return;

    caustic_text_init(why);
    smooth = caustic_field_is_smooth(why, e, nonzero, length, 0, ctx);
    verdict = (smooth == T_FALSE) ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;

    if (smooth != T_TRUE && outranks(statement, verdict))
    {
        va_start(arguments, format);
        record(statement, verdict, format, arguments);
        va_end(arguments);
        caustic_text_append(statement->detail, (smooth == T_FALSE) ? " is not defined on the whole domain: "
            : " may not be smooth on the whole domain: ");
        caustic_text_append(statement->detail, why->data);
    }

    caustic_text_clear(why);
}

int
statement_require_success(statement_t statement, int status, const char * format, ...)
{
    caustic_verdict verdict;
    va_list arguments;

    if (status == GR_SUCCESS)
        return 1;

    verdict = (status & GR_UNABLE) ? CAUSTIC_UNDECIDED : CAUSTIC_REFUTED;

    if (outranks(statement, verdict))
    {
        va_start(arguments, format);
        record(statement, verdict, format, arguments);
        va_end(arguments);
        caustic_text_append(statement->detail, (status & GR_UNABLE)
            ? ": the exact field has no rule for it"
            : ": it is nowhere defined (a division by zero)");
    }

    return 0;
}
