/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The local entropy and its derivatives at a point with 50 certified digits against quadrature that
    certifies nothing, where it is installed: mpmath's quad (python3) and PARI's intnum (gp), the same four
    moments. Exits with 1 if one that ran disagrees in 35 digits.
*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <caustic/heat.h>

#define DIGITS 50
#define PREC 210
#define REPEATS 40

static const char * const entries[][5] =
{
    /* name, nu, s, t, loss */
    {"double well", "1/20", "3/10", "1/2", "(s^2 - 1)^2/4"},
    {"neuron", "1/20", "3/10", "1/2", "(exp(sqrt(2)*s) - 2)^2/2"},
    {"logistic", "1/20", "3/10", "1/2", "log(1 + exp(-exp(sqrt(2)*s)))"},
};

/* Reads the lines that a command prints: the first `values` are u, v, ..., the last the seconds it took.
   Returns the milliseconds, or 0 where the command did not work; *good whether it agrees. */
static double
opinion(const char * command, arb_srcptr u, slong values, int * good)
{
    char text[400];
    arb_t value;
    double seconds = 0;
    FILE * answer = popen(command, "r");
    slong k;

    *good = 1;
    if (answer == NULL)
    {
        return 0;
    }
    arb_init(value);
    for (k = 0; k <= values && fgets(text, sizeof(text), answer) != NULL; k++)
    {
        text[strcspn(text, "\n")] = 0;
        if (k == values)
        {
            seconds = strtod(text, NULL);
        }
        else if (arb_set_str(value, text, PREC) == 0)
        {
            mag_set_ui_2exp_si(arb_radref(value), 1, -116);
            *good = *good && arb_overlaps(value, u + k);
        }
    }
    arb_clear(value);
    pclose(answer);
    return 1e3 * seconds;
}

static void
print_opinion(const char * name, double other, double own, int good)
{
    if (other > 0)
    {
        printf("; %s %8.2f ms, ratio %6.1f%s", name, other, other / own, good ? "" : " DISAGREES");
    }
    else
    {
        printf("; %s not installed", name);
    }
}

static int
bench(const char * const * entry)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_name names[1] = {{"s", caustic_symbol(pool, "s")}};
    caustic_scope scope = {names, 1, NULL, 0};
    caustic_error_t error;
    caustic_expr loss;
    caustic_interval_t whole;
    caustic_line_t line;
    arb_ptr u = _arb_vec_init(4);
    arb_t s, t;
    arf_t lower;
    fmpq_t x;
    clock_t start;
    char command[600];
    double own, other;
    int good, agrees, i;

    caustic_error_init(error);
    caustic_interval_init(whole);
    arb_init(s);
    arb_init(t);
    arf_init(lower);
    fmpq_init(x);
    fmpq_set_str(x, entry[2], 10);
    arb_set_fmpq(s, x, PREC);
    fmpq_set_str(x, entry[3], 10);
    arb_set_fmpq(t, x, PREC);
    fmpq_set_str(x, entry[1], 10);
    good = caustic_parse(&loss, pool, entry[4], &scope, NULL, error) == CAUSTIC_OK
        && caustic_lower_bound(lower, pool, loss, names[0].value, whole);
    good = caustic_line_init(line, pool, names[0].value, loss, x, lower) == CAUSTIC_OK && good;
    start = clock();
    for (i = 0; i < REPEATS && good; i++)
    {
        good = caustic_local_entropy_1d(u, 4, line, s, t, DIGITS) == CAUSTIC_OK;
    }
    own = 1e3 * (double) (clock() - start) / CLOCKS_PER_SEC / REPEATS;
    printf("%-12s %7.3f ms", entry[0], own);

    snprintf(command, sizeof(command), "python3 tests/opinions/values.py '%s' '%s' '%s' '%s' 2> /dev/null", entry[1],
        entry[2], entry[3], entry[4]);
    other = opinion(command, u, 4, &agrees);
    print_opinion("mpmath", other, own, agrees);
    good = good && agrees;
    snprintf(command, sizeof(command), "{ echo 'default(realprecision, 50); nu = %s; s0 = %s; t = %s; loss(s) = %s;'; "
        "cat tests/opinions/values.gp; } | gp -q -f 2> /dev/null", entry[1], entry[2], entry[3], entry[4]);
    other = opinion(command, u, 2, &agrees);
    print_opinion("PARI", other, own, agrees);
    printf("\n");
    good = good && agrees;

    caustic_error_clear(error);
    caustic_interval_clear(whole);
    caustic_line_clear(line);
    _arb_vec_clear(u, 4);
    arb_clear(s);
    arb_clear(t);
    arf_clear(lower);
    fmpq_clear(x);
    caustic_pool_free(pool);
    return good;
}

int
main(void)
{
    size_t i;
    int good = 1;

    for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
    {
        good = bench(entries[i]) && good;
    }
    flint_cleanup();
    return good ? 0 : 1;
}
