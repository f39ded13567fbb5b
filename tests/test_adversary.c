/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The adversary: true claims and near misses, made at random, asked through the library as the
    program asks them. Nothing true may be refuted, nothing false proved, and every shock time must lie in
    its bracket, which must be as narrow as promised. UNDECIDED is allowed, but counted.

    CAUSTIC_TEST_SEED chooses the questions, CAUSTIC_ADVERSARY_ROUNDS their number.

    To add a family: write a function that fills a question, and list it in `families`. What is true of the
    question must be known by construction, never from the library.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <caustic/report.h>

/* Every question is asked in the build without sanitizers; with them, the first of each family. */
#ifdef __SANITIZE_ADDRESS__
#define ROUNDS 550
#else
#define ROUNDS 2200
#endif
#define UNDECIDED_PERCENT 2
#define REFERENCE_BITS 4096

/* Questions **********************************************************************************/

typedef enum { CLAIM_FALSE, CLAIM_TRUE, CLAIM_ABSENT } claim_truth;
typedef enum { SHOCK_UNKNOWN, SHOCK_NONE, SHOCK_AT_TIME } shock_truth;

typedef struct
{
    caustic_command command;
    caustic_text_t text;     /* the case file */
    claim_truth claim;
    shock_truth shock;
    arb_t time;              /* T*, where the shock is SHOCK_AT_TIME */
    arb_t claimed;           /* the claimed time of a CLAIM_FALSE, where `missed` */
    int missed;
    slong digits;
    int smooth;              /* 0: there is a kink in the box, and nothing may be proved */
}
question_struct;

/* Random material ****************************************************************************/

static slong
between(flint_rand_t rand, slong lowest, slong highest)
{
    return lowest + (slong) n_randint(rand, (ulong) (highest - lowest + 1));
}

static int
coin(flint_rand_t rand)
{
    return (int) n_randint(rand, 2);
}

/* A positive fraction, small or awkward. */
static void
random_fraction(fmpq_t x, flint_rand_t rand)
{
    slong most = coin(rand) ? 5 : 1000;

    fmpq_set_si(x, between(rand, 1, most), (ulong) between(rand, 1, most));
}

/* d 10^-k with d = +-1, ..., +-9. */
static void
random_miss(fmpq_t miss, flint_rand_t rand, slong least, slong most)
{
    fmpz_t power;

    fmpz_init(power);
    fmpz_ui_pow_ui(power, 10, (ulong) between(rand, least, most));
    fmpq_set_si(miss, coin(rand) ? between(rand, 1, 9) : -between(rand, 1, 9), 1);
    fmpq_div_fmpz(miss, miss, power);
    fmpz_clear(power);
}

/* Text with a fraction, in brackets, for each %q. */
static void
append(caustic_text_t text, const char * format, ...)
{
    va_list arguments;
    const char * next;

    va_start(arguments, format);
    while ((next = strstr(format, "%q")) != NULL)
    {
        char * number = fmpq_get_str(NULL, 10, va_arg(arguments, const fmpq *));

        caustic_text_append_length(text, format, (size_t) (next - format));
        caustic_text_printf(text, "(%s)", number);
        flint_free(number);
        format = next + 2;
    }
    va_end(arguments);
    caustic_text_append(text, format);
}

/* A loss on the line with cometric 1; the claims are left to the caller. */
static void
begin_line(question_struct * q, flint_rand_t rand)
{
    static const slong digits[] = { 1, 5, 12, 15, 30, 30, 60, 200 };

    q->command = CAUSTIC_COMMAND_SHOCK;
    q->digits = digits[n_randint(rand, 8)];
    append(q->text, "name: question\nparameters: [{name: z}]\nmetric: euclidean\n");
}

static void
set_box(question_struct * q, const fmpq_t lower, const fmpq_t upper)
{
    append(q->text, "shock: {box: [[\"%q\", \"%q\"]], digits: ", lower, upper);
    caustic_text_printf(q->text, "%ld}\n", (long) q->digits);
}

/* time + miss, true where the miss is 0 */
static void
claim_time(question_struct * q, const char * formula, const fmpq_t miss)
{
    q->claim = fmpq_is_zero(miss) ? CLAIM_TRUE : CLAIM_FALSE;
    caustic_text_printf(q->text, "claims: {shock_time: \"%s", formula);
    append(q->text, " + %q\"}\n", miss);
}

/* A false time may still be right to the digits asked for, and is then called so. */
static void
set_claimed(question_struct * q, const fmpq_t time)
{
    q->missed = 1;
    arb_set_fmpq(q->claimed, time, REFERENCE_BITS);
}

static void
set_time(question_struct * q, const fmpq_t time)
{
    q->shock = SHOCK_AT_TIME;
    arb_set_fmpq(q->time, time, REFERENCE_BITS);
}

/* Families ***********************************************************************************/

/* A chain of D weights: T* = 8/(D y^2) at y/4, if the box has it. */
static void
ask_chain(question_struct * q, flint_rand_t rand)
{
    slong depth = between(rand, 2, 5);
    fmpq_t y, lower, upper, time, place, miss, miss_place;

    fmpq_init(y);
    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(time);
    fmpq_init(place);
    fmpq_init(miss);
    fmpq_init(miss_place);
    random_fraction(y, rand);
    fmpq_div_2exp(place, y, 2);
    fmpq_mul(time, y, y);
    fmpq_mul_si(time, time, depth);
    fmpq_inv(time, time);
    fmpq_mul_si(time, time, 8);
    if (coin(rand))
        random_miss(coin(rand) ? miss : miss_place, rand, 1, 80);

    q->command = CAUSTIC_COMMAND_SHOCK;
    q->digits = coin(rand) ? 30 : between(rand, 1, 60);
    caustic_text_printf(q->text, "name: question\npreset: {kind: relu-chain, depth: %ld}\n", (long) depth);
    append(q->text, "loss: \"(z - %q)^2/2\"\n", y);
    fmpq_div_2exp(lower, place, (ulong) between(rand, 1, 20));
    fmpq_mul_si(upper, y, between(rand, 1, 9));
    set_box(q, lower, upper);
    set_time(q, time);
    fmpq_add(time, time, miss);
    fmpq_add(place, place, miss_place);
    append(q->text, "claims: {shock_time: \"%q\", shock_at: [\"%q\"]}\n", time, place);
    q->claim = fmpq_is_zero(miss) && fmpq_is_zero(miss_place) ? CLAIM_TRUE : CLAIM_FALSE;

    fmpq_clear(y);
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(time);
    fmpq_clear(place);
    fmpq_clear(miss);
    fmpq_clear(miss_place);
}

/* l = A cos(b (z - c)): T* = 1/(A b^2) at c; a box from c + e on lacks c, and T* = 1/(A b^2 cos(b e)). */
static void
ask_wave(question_struct * q, flint_rand_t rand)
{
    fmpq_t a, b, c, e, lower, upper, miss;
    arb_t factor;
    int lacking = coin(rand);

    fmpq_init(a);
    fmpq_init(b);
    fmpq_init(c);
    fmpq_init(e);
    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(miss);
    arb_init(factor);
    random_fraction(a, rand);
    random_fraction(b, rand);
    random_fraction(c, rand);
    begin_line(q, rand);
    append(q->text, "loss: \"%q*cos(%q*(z - %q))\"\n", a, b, c);

    /* half a period at most */
    fmpq_inv(upper, b);
    random_miss(e, rand, 1, 30);
    fmpq_abs(e, e);
    fmpq_mul(e, e, upper);
    if (lacking)
        fmpq_add(lower, c, e);
    else
        fmpq_sub(lower, c, coin(rand) ? upper : e);
    fmpq_add(upper, upper, c);
    set_box(q, lower, upper);

    fmpq_mul(b, b, b);
    fmpq_mul(a, a, b);
    fmpq_inv(a, a);
    set_time(q, a);
    if (lacking)
    {
        fmpq_sub(e, lower, c);
        fmpq_mul(e, e, e);
        fmpq_mul(e, e, b);
        arb_set_fmpq(factor, e, REFERENCE_BITS);
        arb_sqrt(factor, factor, REFERENCE_BITS);
        arb_cos(factor, factor, REFERENCE_BITS);
        arb_div(q->time, q->time, factor, REFERENCE_BITS);
    }
    else if (coin(rand))
        random_miss(miss, rand, 1, 70);
    append(q->text, "claims: {shock_time: \"%q + %q\"}\n", a, miss);
    q->claim = lacking || !fmpq_is_zero(miss) ? CLAIM_FALSE : CLAIM_TRUE;
    fmpq_add(a, a, miss);
    set_claimed(q, a);

    fmpq_clear(a);
    fmpq_clear(b);
    fmpq_clear(c);
    fmpq_clear(e);
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(miss);
    arb_clear(factor);
}

/* h = -1 - m/(1 + K (z - c)^2), K up to 10^16: T* = 1/(1 + m), and 1 for who misses the needle. */
static void
ask_rational_needle(question_struct * q, flint_rand_t rand)
{
    fmpq_t k, c, m, lower, upper, time, miss;

    fmpq_init(k);
    fmpq_init(c);
    fmpq_init(m);
    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(time);
    fmpq_init(miss);
    fmpq_set_si(k, 10, 1);
    fmpq_pow_si(k, k, between(rand, 1, 8));
    random_fraction(c, rand);
    random_fraction(m, rand);
    begin_line(q, rand);
    append(q->text, "loss: \"-z^2/2 - %q*((z - %q)*atan(%q*(z - %q))/%q", m, c, k, c, k);
    fmpq_mul(k, k, k);
    append(q->text, " - log(1 + %q*(z - %q)^2)/(2*%q))\"\n", k, c, k);
    fmpq_sub_si(lower, c, between(rand, 1, 20));
    fmpq_add_si(upper, c, between(rand, 1, 20));
    set_box(q, lower, upper);

    fmpq_add_si(time, m, 1);
    fmpq_inv(time, time);
    set_time(q, time);
    if (coin(rand))
    {
        if (coin(rand))
            random_miss(miss, rand, 1, 60);
        else
        {
            /* the time without the needle */
            fmpq_sub_si(miss, time, 1);
            fmpq_neg(miss, miss);
        }
    }
    fmpq_add(time, time, miss);
    append(q->text, "claims: {shock_time: \"%q\"}\n", time);
    set_claimed(q, time);
    q->claim = fmpq_is_zero(miss) ? CLAIM_TRUE : CLAIM_FALSE;

    fmpq_clear(k);
    fmpq_clear(c);
    fmpq_clear(m);
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(time);
    fmpq_clear(miss);
}

/* l = z^2/2 - m/(2 K) exp(-K (z - c)^2), where inf h = 1 - 2 m exp(-3/2) lies between the middle of the needle, where h > 1, and
   what is far from it. Shock if m > exp(3/2)/2 = 2.2408...; claims that it is there or not. */
static void
ask_exponential_needle(question_struct * q, flint_rand_t rand)
{
    fmpq_t k, c, m, half, lower, upper, miss;
    arb_t h, x;

    fmpq_init(k);
    fmpq_init(c);
    fmpq_init(m);
    fmpq_init(half);
    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(miss);
    arb_init(h);
    arb_init(x);
    fmpq_set_si(k, between(rand, 1, 9), 1);
    fmpq_set_si(half, 10, 1);
    fmpq_pow_si(half, half, between(rand, 2, 16));
    fmpq_mul(k, k, half);
    random_fraction(c, rand);
    if (coin(rand))
        random_fraction(m, rand);
    else
    {
        random_miss(m, rand, 2, 8);
        fmpq_set_str(half, "22408445351690323/10000000000000000", 10);
        fmpq_add(m, m, half);
    }
    begin_line(q, rand);
    fmpq_div(half, m, k);
    fmpq_div_2exp(half, half, 1);
    append(q->text, "loss: \"z^2/2 - %q*exp(-%q*(z - %q)^2)\"\n", half, k, c);
    fmpq_sub_si(lower, c, between(rand, 1, 20));
    fmpq_add_si(upper, c, between(rand, 1, 20));
    set_box(q, lower, upper);

    arb_set_si(x, -3);
    arb_mul_2exp_si(x, x, -1);
    arb_exp(x, x, REFERENCE_BITS);
    arb_set_fmpq(h, m, REFERENCE_BITS);
    arb_mul(h, h, x, REFERENCE_BITS);
    arb_mul_2exp_si(h, h, 1);
    arb_sub_ui(h, h, 1, REFERENCE_BITS); /* -inf h */
    if (arb_is_positive(h))
    {
        q->shock = SHOCK_AT_TIME;
        arb_inv(q->time, h, REFERENCE_BITS);
    }
    else
        q->shock = SHOCK_NONE;
    if (coin(rand))
    {
        append(q->text, "claims: {shock_time: none}\n");
        q->claim = q->shock == SHOCK_NONE ? CLAIM_TRUE : CLAIM_FALSE;
    }
    else
    {
        /* no algebra knows this place: a miss is told from the truth by the digits, near which it is made */
        if (coin(rand))
            random_miss(miss, rand, FLINT_MAX(1, q->digits - 3), q->digits + 2);
        append(q->text, "claims: {shock_time: \"(1 + %q)/(2*%q*exp(-3/2) - 1)\"}\n", miss, m);
        q->claim = q->shock == SHOCK_NONE || !fmpq_is_zero(miss) ? CLAIM_FALSE : CLAIM_TRUE;
        if (q->shock == SHOCK_AT_TIME)
        {
            q->missed = 1;
            arb_set_fmpq(q->claimed, miss, REFERENCE_BITS);
            arb_add_ui(q->claimed, q->claimed, 1, REFERENCE_BITS);
            arb_mul(q->claimed, q->claimed, q->time, REFERENCE_BITS);
        }
    }

    fmpq_clear(k);
    fmpq_clear(c);
    fmpq_clear(m);
    fmpq_clear(half);
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(miss);
    arb_clear(h);
    arb_clear(x);
}

/* h touches 0, stays e above it, or falls e below: e = 0 or +-d 10^-k. */
static void
ask_touching(question_struct * q, flint_rand_t rand)
{
    fmpq_t c, e, lower, upper, time, zero;

    fmpq_init(c);
    fmpq_init(e);
    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(time);
    fmpq_init(zero);
    random_fraction(c, rand);
    if (n_randint(rand, 4))
        random_miss(e, rand, 1, 25);
    begin_line(q, rand);
    switch (n_randint(rand, 3))
    {
        case 0: append(q->text, "loss: \"(z - %q)^4 + %q*z^2/2\"\n", c, e); break;
        case 1: append(q->text, "loss: \"z^2/2 + cos(z - %q) + %q*z^2/2\"\n", c, e); break;
        default: append(q->text, "loss: \"(z - %q)^6/30 + (z - %q)^4/12 + %q*z^2/2\"\n", c, c, e); break;
    }
    fmpq_sub_si(lower, c, between(rand, 1, 3));
    fmpq_add_si(upper, c, between(rand, 1, 3));
    set_box(q, lower, upper);
    if (fmpq_sgn(e) < 0)
    {
        fmpq_inv(time, e);
        fmpq_neg(time, time);
        set_time(q, time);
    }
    else
        q->shock = SHOCK_NONE;
    if (coin(rand) || fmpq_sgn(e) >= 0)
    {
        append(q->text, "claims: {shock_time: none}\n");
        q->claim = q->shock == SHOCK_NONE ? CLAIM_TRUE : CLAIM_FALSE;
    }
    else
    {
        if (coin(rand))
            random_miss(zero, rand, 1, 40);
        append(q->text, "claims: {shock_time: \"%q + %q\"}\n", time, zero);
        q->claim = fmpq_is_zero(zero) ? CLAIM_TRUE : CLAIM_FALSE;
        fmpq_add(time, time, zero);
        set_claimed(q, time);
    }

    fmpq_clear(c);
    fmpq_clear(e);
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(time);
    fmpq_clear(zero);
}

/* h = (z^2 - 1)^2 - 2 + e z: two wells, equal for e = 0 only; T* = 1/2 at -1 and at 1 then. */
static void
ask_two_wells(question_struct * q, flint_rand_t rand)
{
    fmpq_t e, lower, upper, half;

    fmpq_init(e);
    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(half);
    if (coin(rand))
        random_miss(e, rand, 2, 40);
    begin_line(q, rand);
    append(q->text, "loss: \"z^6/30 - z^4/6 - z^2/2 + %q*z^3/6\"\n", e);
    fmpq_set_si(lower, -between(rand, 3, 9), 2);
    fmpq_set_si(upper, between(rand, 3, 9), 2);
    set_box(q, lower, upper);
    fmpq_set_si(half, 1, 2);
    if (fmpq_is_zero(e))
        set_time(q, half);
    caustic_text_printf(q->text, "claims: {shock_time: \"1/2\", shock_at: [\"%s\"]}\n", coin(rand) ? "1" : "-1");
    q->claim = fmpq_is_zero(e) ? CLAIM_TRUE : CLAIM_FALSE;

    fmpq_clear(e);
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(half);
}

/* h = (z^2 - s)^2 - m, s no square: T* = 1/m is rational and its places sqrt(s), -sqrt(s) are not. */
static void
ask_algebraic(question_struct * q, flint_rand_t rand)
{
    static const slong squarefree[] = { 2, 3, 5, 6, 7, 10 };
    slong s = squarefree[n_randint(rand, 6)];
    fmpq_t m, time, lower, upper, miss, miss_place;

    fmpq_init(m);
    fmpq_init(time);
    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(miss);
    fmpq_init(miss_place);
    random_fraction(m, rand);
    fmpq_inv(time, m);
    if (coin(rand))
        random_miss(coin(rand) ? miss : miss_place, rand, 1, 60);
    begin_line(q, rand);
    caustic_text_printf(q->text, "loss: \"z^6/30 - %ld*z^4/6 + %ld*z^2/2", (long) s, (long) (s * s));
    append(q->text, " - %q*z^2/2\"\n", m);
    fmpq_set_si(lower, coin(rand) ? 0 : -between(rand, 4, 9), 1);
    fmpq_set_si(upper, between(rand, 4, 9), 1);
    set_box(q, lower, upper);
    set_time(q, time);
    append(q->text, "claims: {shock_time: \"%q + %q\", shock_at: [\"%q", time, miss, miss_place);
    caustic_text_printf(q->text, " + sqrt(%ld)\"]}\n", (long) s);
    q->claim = fmpq_is_zero(miss) && fmpq_is_zero(miss_place) ? CLAIM_TRUE : CLAIM_FALSE;

    fmpq_clear(m);
    fmpq_clear(time);
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(miss);
    fmpq_clear(miss_place);
}

/* A kink just inside the box, where nothing may be proved, or just outside. */
static void
ask_kink(question_struct * q, flint_rand_t rand)
{
    static const char * const kinks[] = { "abs(z - %q)", "relu(z - %q)", "relu(%q - z)" };
    fmpq_t end, e, lower, zero;

    fmpq_init(end);
    fmpq_init(e);
    fmpq_init(lower);
    fmpq_init(zero);
    random_fraction(end, rand);
    random_miss(e, rand, 1, 12);
    fmpq_set_si(lower, -1, 1);
    begin_line(q, rand);
    q->smooth = fmpq_sgn(e) > 0;
    fmpq_add(e, end, e);
    q->smooth = q->smooth || fmpq_cmp(e, lower) < 0;
    append(q->text, "loss: \"cos(z) + ");
    append(q->text, kinks[n_randint(rand, 3)], e);
    append(q->text, "\"\n");
    set_box(q, lower, end);
    fmpq_set_si(e, 1, 1);
    if (q->smooth)
        set_time(q, e);
    claim_time(q, "1", zero);
    if (!q->smooth)
        q->claim = CLAIM_ABSENT;

    fmpq_clear(end);
    fmpq_clear(e);
    fmpq_clear(lower);
    fmpq_clear(zero);
}

/* The equations of a chain, both sides multiplied by the same number, and one coefficient altered. */
static void
ask_equations(question_struct * q, flint_rand_t rand)
{
    slong depth = between(rand, 2, 6), terms = coin(rand) ? 4 : 6, altered = -1, i;
    fmpq_t factor, d, one, coefficient[6];
    fmpq * const c = (fmpq *) coefficient;

    fmpq_init(factor);
    fmpq_init(d);
    fmpq_init(one);
    for (i = 0; i < 6; i++)
        fmpq_init(c + i);
    random_fraction(factor, rand);
    if (coin(rand))
        fmpq_neg(factor, factor);
    fmpq_set_si(d, depth, 1);
    fmpq_one(one);
    if (coin(rand))
        altered = between(rand, 0, terms == 4 ? 3 : 5);
    q->command = CAUSTIC_COMMAND_DERIVE;
    q->claim = altered < 0 ? CLAIM_TRUE : CLAIM_FALSE;
    for (i = 0; i < 6; i++)
    {
        fmpq_set(c + i, factor);
        if (i == altered)
        {
            random_miss(d, rand, 1, 60);
            fmpq_add(d, d, one);
            fmpq_mul(c + i, c + i, d);
        }
    }
    fmpq_set_si(d, depth, 1);
    caustic_text_printf(q->text, "name: question\npreset: {kind: relu-chain, depth: %ld}\n", (long) depth);
    if (terms == 4)
        append(q->text, "claims: {hamilton_jacobi: \"%q*u_t + %q*%q/2*z^2*u_z^2 = %q*nu*%q*z^2*u_z_z + %q*nu*%q*z*u_z\"}\n",
            c, c + 1, d, c + 2, d, c + 3, d);
    else
        append(q->text, "claims: {burgers: [\"%q*v_z_t + %q*%q*z*v_z^2 + %q*%q*z^2*v_z*v_z_z"
            " = nu*(%q*%q*z^2*v_z_z_z + %q*3*%q*z*v_z_z + %q*%q*v_z)\"]}\n",
            c, c + 1, d, c + 2, d, c + 3, d, c + 4, d, c + 5, d);

    fmpq_clear(factor);
    fmpq_clear(d);
    fmpq_clear(one);
    for (i = 0; i < 6; i++)
        fmpq_clear(c + i);
}

/* The cometric of a trivial reduction is its inverse metric; one entry of the claim is off. */
static void
ask_cometric(question_struct * q, flint_rand_t rand)
{
    static const char * const entries[] = { "2 + x^2", "x*y/2", "x*y/2", "2 + y^2" };
    slong i, altered = coin(rand) ? between(rand, 0, 3) : -1;
    fmpq_t miss;

    fmpq_init(miss);
    random_miss(miss, rand, 1, 60);
    q->command = CAUSTIC_COMMAND_DERIVE;
    q->claim = altered < 0 ? CLAIM_TRUE : CLAIM_FALSE;
    append(q->text, "name: question\nparameters: [{name: x}, {name: y}]\n"
        "metric: [[\"2 + x^2\", \"x*y/2\"], [\"x*y/2\", \"2 + y^2\"]]\nclaims: {cometric: [[");
    for (i = 0; i < 4; i++)
    {
        append(q->text, i == 2 ? "], [\"" : i > 0 ? ", \"" : "\"");
        append(q->text, entries[i]);
        if (i == altered)
            append(q->text, coin(rand) ? " + %q" : " + %q*x^2*y", miss);
        append(q->text, "\"");
    }
    append(q->text, "]]}\n");
    fmpq_clear(miss);
}

/* A metric that is invariant under rescaling, or not quite; a loss that is, or not quite. */
static void
ask_symmetry(question_struct * q, flint_rand_t rand)
{
    slong altered = coin(rand) ? between(rand, 0, 2) : -1;
    fmpq_t c, miss, zero;

    fmpq_init(c);
    fmpq_init(miss);
    fmpq_init(zero);
    random_fraction(c, rand);
    random_miss(miss, rand, 1, 60);
    fmpq_abs(miss, miss);
    q->command = CAUSTIC_COMMAND_DERIVE;
    q->claim = altered < 0 ? CLAIM_TRUE : CLAIM_FALSE;
    append(q->text, "name: question\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n"
        "metric: [[\"%q*a^2 + %q\", \"0\"], [\"0\", \"w^2\"]]\n", c, altered == 0 ? miss : zero);
    append(q->text, "action: {generators: [[\"-a\", \"w + %q\"]]}\n", altered == 1 ? miss : zero);
    append(q->text, "quotient: [{name: z, is: \"a*w\", domain: \"(0, inf)\"}]\nsection: [\"1\", \"z\"]\n"
        "loss: \"(a*w - 2)^2/2 + %q*a\"\n", altered == 2 ? miss : zero);
    fmpq_clear(c);
    fmpq_clear(miss);
    fmpq_clear(zero);
}

/* h = -m + a b^2 s(b (z - c)) on the whole line, s > 0 with its maximum at 0 and limit 0 at both ends: for a > 0 the infimum -m
   is only a limit, for a < 0 it is the value at c; who looks at one of them only errs by d 10^-k. */
static void
ask_limit(question_struct * q, flint_rand_t rand)
{
    /* s(0) is 1, 1, 1/4 */
    static const char * const losses[] = { "log(cosh(%q*(z - %q)))", "%q*(z - %q)*atan(%q*(z - %q)) - log(1 + (%q*(z - %q))^2)/2", "softplus(%q*(z - %q))" };
    slong kind = between(rand, 0, 2);
    fmpq_t m, a, b, c, time, miss;

    fmpq_init(m);
    fmpq_init(a);
    fmpq_init(b);
    fmpq_init(c);
    fmpq_init(time);
    fmpq_init(miss);
    random_fraction(m, rand);
    random_fraction(b, rand);
    random_fraction(c, rand);
    random_miss(a, rand, 0, 12);
    begin_line(q, rand);
    append(q->text, "loss: \"-%q*z^2/2 + %q*(", m, a);
    append(q->text, losses[kind], b, c, b, c, b, c);
    append(q->text, ")\"\n");
    caustic_text_printf(q->text, "shock: {box: [[\"-inf\", \"inf\"]], digits: %ld}\n", (long) q->digits);
    fmpq_set(time, m);
    if (fmpq_sgn(a) < 0)
    {
        fmpq_mul(a, a, b);
        fmpq_mul(a, a, b);
        fmpq_div_2exp(a, a, kind == 2 ? 2 : 0);
        fmpq_sub(time, time, a);
    }
    fmpq_inv(time, time);
    set_time(q, time);
    if (coin(rand))
        fmpq_inv(miss, m);
    else
        fmpq_set(miss, time);
    q->claim = fmpq_equal(miss, time) ? CLAIM_TRUE : CLAIM_FALSE;
    append(q->text, "claims: {shock_time: \"%q\"}\n", miss);
    set_claimed(q, miss);

    fmpq_clear(m);
    fmpq_clear(a);
    fmpq_clear(b);
    fmpq_clear(c);
    fmpq_clear(time);
    fmpq_clear(miss);
}

/* h = e - A p^2 cos(p z + c), periodic, on the line or half of it: T* = 1/(A p^2 - e), none for A p^2 <= e. */
static void
ask_periodic(question_struct * q, flint_rand_t rand)
{
    static const char * const boxes[] = { "[\"-inf\", \"inf\"]", "[\"-7/3\", \"inf\"]", "[\"-inf\", \"1000\"]" };
    fmpq_t a, p, c, e, least, miss;

    fmpq_init(a);
    fmpq_init(p);
    fmpq_init(c);
    fmpq_init(e);
    fmpq_init(least);
    fmpq_init(miss);
    random_fraction(a, rand);
    random_fraction(p, rand);
    random_fraction(c, rand);
    fmpq_mul(least, a, p);
    fmpq_mul(least, least, p);
    /* touches 0, or nearly, or not at all */
    if (coin(rand))
        fmpq_set(e, least);
    if (n_randint(rand, 3))
    {
        random_miss(miss, rand, 0, 20);
        fmpq_add(e, e, miss);
    }
    begin_line(q, rand);
    append(q->text, "loss: \"%q*cos(%q*z + %q) + %q*z^2/2 - z\"\n", a, p, c, e);
    caustic_text_printf(q->text, "shock: {box: [%s], digits: %ld}\n", boxes[n_randint(rand, 3)], (long) q->digits);
    fmpq_sub(least, least, e);
    if (fmpq_sgn(least) > 0)
    {
        fmpq_inv(least, least);
        set_time(q, least);
        fmpq_zero(miss);
        if (coin(rand))
        {
            random_miss(miss, rand, 1, 40);
            fmpq_mul(miss, miss, least);
        }
        append(q->text, "claims: {shock_time: \"%q + %q\"}\n", least, miss);
        q->claim = fmpq_is_zero(miss) ? CLAIM_TRUE : CLAIM_FALSE;
        fmpq_add(least, least, miss);
        set_claimed(q, least);
    }
    else
    {
        q->shock = SHOCK_NONE;
        q->claim = CLAIM_TRUE;
        append(q->text, "claims: {shock_time: none}\n");
    }

    fmpq_clear(a);
    fmpq_clear(p);
    fmpq_clear(c);
    fmpq_clear(e);
    fmpq_clear(least);
    fmpq_clear(miss);
}

typedef struct
{
    const char * name;
    void (* ask)(question_struct *, flint_rand_t);
    slong share;       /* of the rounds, out of the sum of all */
}
family;

static const family families[] =
{
    { "chain", ask_chain, 2 },
    { "wave", ask_wave, 2 },
    { "rational needle", ask_rational_needle, 2 },
    { "exponential needle", ask_exponential_needle, 2 },
    { "touching", ask_touching, 3 },
    { "two wells", ask_two_wells, 3 },
    { "algebraic", ask_algebraic, 2 },
    { "kink", ask_kink, 2 },
    { "limit", ask_limit, 2 },
    { "periodic", ask_periodic, 2 },
    { "equations", ask_equations, 4 },
    { "cometric", ask_cometric, 2 },
    { "symmetry", ask_symmetry, 3 },
};

#define FAMILIES ((slong) (sizeof(families) / sizeof(families[0])))

/* Judging ************************************************************************************/

static void
fail_on(const question_struct * q, const json_t * record, const char * what)
{
    char * answer = json_dumps(record, JSON_INDENT(2));

    fail_msg("%s\n%s\n%s\nT* = %s", what, q->text->data, answer, q->shock == SHOCK_AT_TIME ? arb_get_str(q->time, 80, 0) : "-");
}

static void
read_bound(arb_t x, const json_t * object, const char * key, const question_struct * q, const json_t * record)
{
    const char * text = json_string_value(json_object_get(object, key));

    if (text == NULL || arb_set_str(x, text, REFERENCE_BITS) != 0)
        fail_on(q, record, "a bound is missing or no decimal");
}

/* T* lies in the bracket; where it is proved, upper - lower <= 10^(1-digits) T*. */
static void
judge_bracket(const question_struct * q, const json_t * record, const json_t * bracket, int narrow)
{
    arb_t lower, upper, allowed;

    arb_init(lower);
    arb_init(upper);
    arb_init(allowed);
    read_bound(lower, bracket, "lower", q, record);
    read_bound(upper, bracket, "upper", q, record);
    if (arb_gt(lower, q->time) || arb_lt(upper, q->time))
        fail_on(q, record, "T* is not in its bracket");
    arb_sub(upper, upper, lower, REFERENCE_BITS);
    arb_set_ui(allowed, 10);
    arb_pow_ui(allowed, allowed, (ulong) (q->digits - 1), REFERENCE_BITS);
    arb_mul(upper, upper, allowed, REFERENCE_BITS);
    if (narrow && !arb_le(upper, q->time))
        fail_on(q, record, "the bracket is wider than promised");
    arb_clear(lower);
    arb_clear(upper);
    arb_clear(allowed);
}

static void
judge_shock(const question_struct * q, const json_t * record)
{
    const json_t * shock = json_object_get(record, "shock"), * time = json_object_get(record, "time"), * route;
    size_t i;

    if (!q->smooth && shock != NULL)
        fail_on(q, record, "a shock time beside a kink");
    if (q->shock == SHOCK_AT_TIME && json_is_false(shock))
        fail_on(q, record, "a shock was denied");
    if (q->shock == SHOCK_NONE && json_is_true(shock))
        fail_on(q, record, "a shock was invented");
    if (q->shock == SHOCK_AT_TIME && time != NULL)
        judge_bracket(q, record, time, json_is_true(shock));
    if (q->shock == SHOCK_AT_TIME)
        json_array_foreach(json_object_get(record, "routes"), i, route)
            if (json_object_get(route, "lower") != NULL)
                judge_bracket(q, record, route, 0);
}

/* PROVED as equal to the digits, which is what the record then says, and the claim is that close. */
static int
is_right_to_the_digits(const question_struct * q, const json_t * record)
{
    arb_t difference, allowed;
    int right;

    if (!q->missed || q->shock != SHOCK_AT_TIME || !json_is_false(json_object_get(json_object_get(record, "claim"), "exact")))
        return 0;
    arb_init(difference);
    arb_init(allowed);
    arb_sub(difference, q->claimed, q->time, REFERENCE_BITS);
    arb_abs(difference, difference);
    arb_set_ui(allowed, 10);
    arb_pow_ui(allowed, allowed, (ulong) (q->digits - 1), REFERENCE_BITS);
    arb_mul(difference, difference, allowed, REFERENCE_BITS);
    arb_mul_2exp_si(difference, difference, 1);
    right = arb_le(difference, q->time);
    arb_clear(difference);
    arb_clear(allowed);
    return right;
}

/* 1: the question stayed undecided. */
static int
judge(const question_struct * q, const json_t * record)
{
    const char * verdict = json_string_value(json_object_get(record, "verdict"));

    if (q->command == CAUSTIC_COMMAND_SHOCK)
        judge_shock(q, record);
    if (q->claim != CLAIM_FALSE && strcmp(verdict, "REFUTED") == 0)
        fail_on(q, record, "a true statement was refuted");
    if ((q->claim == CLAIM_FALSE || !q->smooth) && strcmp(verdict, "PROVED") == 0 && !is_right_to_the_digits(q, record))
        fail_on(q, record, "a false statement was proved");
    return q->smooth && strcmp(verdict, "UNDECIDED") == 0;
}

static int
pose(const family * f, flint_rand_t rand, int show)
{
    question_struct q;
    caustic_case_t problem;
    caustic_error_t error;
    caustic_run_options options;
    json_t * record;
    int undecided;

    memset(&q, 0, sizeof(q));
    caustic_text_init(q.text);
    arb_init(q.time);
    arb_init(q.claimed);
    q.claim = CLAIM_ABSENT;
    q.shock = SHOCK_UNKNOWN;
    q.smooth = 1;
    f->ask(&q, rand);

    caustic_error_init(error);
    caustic_run_options_init(&options);
    if (caustic_case_read_text(problem, q.text->data, strlen(q.text->data), "question.yaml", error) != CAUSTIC_OK)
        fail_msg("%s\n%s", error->message, q.text->data);
    record = q.command == CAUSTIC_COMMAND_SHOCK ? caustic_report_shock(problem, &options) : caustic_report_derive(problem, &options);
    if (record == NULL)
        fail_msg("no answer to\n%s", q.text->data);
    undecided = judge(&q, record);
    if (undecided && show)
        printf("UNDECIDED:\n%s%s\n", q.text->data, json_string_value(json_object_get(record, "detail")));

    json_decref(record);
    caustic_case_clear(problem);
    caustic_error_clear(error);
    caustic_run_options_clear(&options);
    caustic_text_clear(q.text);
    arb_clear(q.time);
    arb_clear(q.claimed);
    return undecided;
}

static long
setting_of(const char * name, long otherwise)
{
    const char * text = getenv(name);

    return text == NULL ? otherwise : strtol(text, NULL, 10);
}

static void
test_adversary(void ** state)
{
    long seed = setting_of("CAUSTIC_TEST_SEED", 20260618), rounds = setting_of("CAUSTIC_ADVERSARY_ROUNDS", ROUNDS);
    long posed = 0, undecided = 0;
    int show = getenv("CAUSTIC_ADVERSARY_SHOW") != NULL;
    slong shares = 0, i;

    (void) state;
    printf("CAUSTIC_TEST_SEED=%ld CAUSTIC_ADVERSARY_ROUNDS=%ld\n", seed, rounds);
    for (i = 0; i < FAMILIES; i++)
        shares += families[i].share;
    for (i = 0; i < FAMILIES; i++)
    {
        long part = (rounds * families[i].share + shares - 1) / shares, open = 0, j;
        flint_rand_t rand;

        /* families do not share a stream: adding one leaves the questions of the others as they were */
        flint_rand_init(rand);
        flint_rand_set_seed(rand, (ulong) seed, (ulong) families[i].name[0] * 256 + (ulong) families[i].name[1]);
        for (j = 0; j < part; j++)
            open += pose(families + i, rand, show);
        flint_rand_clear(rand);
        printf("%-20s %6ld questions, %ld undecided\n", families[i].name, part, open);
        fflush(stdout);
        posed += part;
        undecided += open;
    }
    printf("# note: %ld questions, no wrong answer, %ld undecided (%.2f %%)\n", posed, undecided, 100.0 * (double) undecided / (double) posed);
    assert_true(posed >= rounds && posed > 0);
    if (100 * undecided > UNDECIDED_PERCENT * posed)
        fail_msg("more than %d %% undecided", UNDECIDED_PERCENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_adversary) };

    return cmocka_run_group_tests_name("adversary", tests, NULL, NULL);
}
