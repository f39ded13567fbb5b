/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    tape_arb: tapes on real balls.

    Narrow balls go to FLINT's own functions. On wide ones, where the errors of second order count,
    functions that are monotone are evaluated at both ends [EXPR-2]. What is not certainly defined
    gives NaN, and NaN gives NaN, whatever function it passes through.
*/

#include <flint/arb.h>
#include <flint/arb_hypgeom.h>
#include "expression/tape_internal.h"

#define WIDE_BITS 24   /* a ball is wide when fewer bits than this are known of it */
#define WIDE_PREC 128  /* precision that is enough at the ends of a wide ball */

typedef void (*real_function)(arb_t res, const arb_t x, const void * data, slong prec);

static int is_nan(const arb_t x)
{
    return arf_is_nan(arb_midref(x));
}

/* Guides the choice of a method only. */
static int is_wide(const arb_t x)
{
    return !mag_is_zero(arb_radref(x)) && arb_is_finite(x)
        && (mag_cmp_2exp_si(arb_radref(x), -WIDE_BITS) > 0 || arb_rel_accuracy_bits(x) < WIDE_BITS);
}

static void ends(arb_t lower, arb_t upper, const arb_t x, slong prec)
{
    arb_get_lbound_arf(arb_midref(lower), x, prec);
    mag_zero(arb_radref(lower));
    arb_get_ubound_arf(arb_midref(upper), x, prec);
    mag_zero(arb_radref(upper));
}

/* A function that is monotone on x: the hull of its values at the ends [EXPR-2]. */
static void monotone(arb_t res, real_function f, const arb_t x, const void * data, slong prec)
{
    arb_t lower, upper;
    slong low = FLINT_MIN(prec, WIDE_PREC);

    if (!is_wide(x))
    {
        f(res, x, data, prec);
        return;
    }
    arb_init(lower);
    arb_init(upper);
    ends(lower, upper, x, low);
    f(lower, lower, data, low);
    f(upper, upper, data, low);
    arb_union(res, lower, upper, low);
    arb_clear(lower);
    arb_clear(upper);
}

/* A function of |x| that is monotone in |x|. Where x has both signs, it runs from 0 on. */
static void monotone_even(arb_t res, real_function f, const arb_t x, const void * data, slong prec)
{
    arb_t size;

    if (!is_wide(x))
    {
        f(res, x, data, prec);
        return;
    }
    arb_init(size);
    arb_abs(size, x);
    if (!arb_contains_zero(x))
    {
        monotone(res, f, size, data, prec);
    }
    else
    {
        arb_t zero;
        slong low = FLINT_MIN(prec, WIDE_PREC);

        arb_init(zero);
        arb_get_ubound_arf(arb_midref(size), size, low);
        mag_zero(arb_radref(size));
        f(size, size, data, low);
        f(zero, zero, data, low);
        arb_union(res, zero, size, low);
        arb_clear(zero);
    }
    arb_clear(size);
}

/* Products and quotients *************************************************************************/

/* Ball times ball is up to twice as wide as the set of products; when both are wide, the hull of the
   products of the ends is used [EXPR-2]. res is none of the operands. */
static void multiply(arb_t res, const arb_t x, const arb_t y, slong prec)
{
    arb_t a, b, c, d, t;
    slong low = FLINT_MIN(prec, WIDE_PREC);

    if (is_nan(x) || is_nan(y))
    {
        arb_indeterminate(res);
        return;
    }
    if (!is_wide(x) || !is_wide(y) || arf_is_zero(arb_midref(x)) || arf_is_zero(arb_midref(y)))
    {
        arb_mul(res, x, y, prec); /* exact up to rounding where a midpoint is 0 */
        return;
    }
    arb_init(a);
    arb_init(b);
    arb_init(c);
    arb_init(d);
    arb_init(t);
    ends(a, b, x, low);
    ends(c, d, y, low);
    arb_mul(res, a, c, low);
    arb_mul(t, b, d, low);
    arb_union(res, res, t, low);
    arb_mul(t, a, d, low);
    arb_union(res, res, t, low);
    arb_mul(t, b, c, low);
    arb_union(res, res, t, low);
    arb_clear(a);
    arb_clear(b);
    arb_clear(c);
    arb_clear(d);
    arb_clear(t);
}

static void inverse(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_inv(res, x, prec);
}

static void divide(arb_t res, const arb_t x, const arb_t y, slong prec)
{
    arb_t t;

    if (is_nan(x) || is_nan(y) || arb_contains_zero(y))
    {
        arb_indeterminate(res);
    }
    else if (!is_wide(y))
    {
        arb_div(res, x, y, prec);
    }
    else
    {
        arb_init(t);
        monotone(t, inverse, y, NULL, prec);
        multiply(res, x, t, prec);
        arb_clear(t);
    }
}

/* Powers *****************************************************************************************/

static void integer_power(arb_t res, const arb_t x, const void * data, slong prec)
{
    const fmpz * exponent = data;

    if (fmpz_equal_ui(exponent, 2))
        arb_sqr(res, x, prec);
    else if (fmpz_equal_si(exponent, -1))
        arb_inv(res, x, prec);
    else if (fmpz_sgn(exponent) > 0)
        arb_pow_fmpz(res, x, exponent, prec);
    else
    {
        fmpz_t positive;

        fmpz_init(positive);
        fmpz_neg(positive, exponent);
        arb_pow_fmpz(res, x, positive, prec);
        arb_inv(res, res, prec);
        fmpz_clear(positive);
    }
}

/* For x >= 0, or x > 0 where the exponent is negative. */
static void rational_power(arb_t res, const arb_t x, const void * data, slong prec)
{
    const fmpq * exponent = data;

    if (arb_is_zero(x))
        arb_zero(res);
    else if (fmpz_equal_ui(fmpq_denref(exponent), 2) && fmpz_is_one(fmpq_numref(exponent)))
        arb_sqrt(res, x, prec);
    else if (fmpz_equal_ui(fmpq_denref(exponent), 2) && fmpz_equal_si(fmpq_numref(exponent), -1))
        arb_rsqrt(res, x, prec);
    else
        arb_pow_fmpq(res, x, exponent, prec);
}

static void power(arb_t res, const arb_t x, const fmpq * exponent, slong prec)
{
    int integer = fmpz_is_one(fmpq_denref(exponent)), negative = fmpq_sgn(exponent) < 0;
    int even = integer && fmpz_is_even(fmpq_numref(exponent));

    if (is_nan(x))
        arb_indeterminate(res);
    else if (integer && negative && arb_contains_zero(x))
        arb_indeterminate(res);
    else if (!integer && !(negative ? arb_is_positive(x) : arb_is_nonnegative(x)))
        arb_indeterminate(res);
    else if (even)
        monotone_even(res, integer_power, x, fmpq_numref(exponent), prec);
    else if (integer)
        monotone(res, integer_power, x, fmpq_numref(exponent), prec);
    else
        monotone(res, rational_power, x, exponent, prec);

    if ((even || !integer) && !is_nan(res))
        arb_nonnegative_part(res, res);
}

/* Functions **************************************************************************************/

static void real_exp(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_exp(res, x, prec);
}

static void real_log(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_log(res, x, prec);
}

static void real_atan(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_atan(res, x, prec);
}

static void real_sinh(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_sinh(res, x, prec);
}

static void real_cosh(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_cosh(res, x, prec);
}

static void real_tanh(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_tanh(res, x, prec);
}

static void real_erf(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_hypgeom_erf(res, x, prec);
}

/* 1/(1 + exp(-x)) */
static void real_sigmoid(arb_t res, const arb_t x, const void * data, slong prec)
{
    (void) data;
    arb_neg(res, x);
    arb_exp(res, res, prec);
    arb_add_ui(res, res, 1, prec);
    arb_inv(res, res, prec);
}

/* log(1 + exp(x)), as x + log(1 + exp(-x)) for large x; the slope is between 0 and 1, so the radius
   of the argument bounds what it adds. */
static void real_softplus(arb_t res, const arb_t x, const void * data, slong prec)
{
    arb_t middle;
    mag_t radius;

    (void) data;
    if (arf_sgn(arb_midref(x)) <= 0 || !arb_is_finite(x))
    {
        arb_exp(res, x, prec);
        arb_log1p(res, res, prec);
        return;
    }
    arb_init(middle);
    mag_init(radius);
    mag_set(radius, arb_radref(x));
    arb_get_mid_arb(middle, x);
    arb_neg(res, middle);
    arb_exp(res, res, prec);
    arb_log1p(res, res, prec);
    arb_add(res, res, middle, prec);
    arb_add_error_mag(res, radius);
    arb_clear(middle);
    mag_clear(radius);
}

/* Increasing between poles. On a wide ball the ends decide, after a check that the whole interval
   between them, rounding included, has no pole [EXPR-2]. */
static void function_tan(arb_t res, const arb_t x, slong prec)
{
    arb_t lower, upper, hull, cosine;
    slong low = FLINT_MIN(prec, WIDE_PREC);
    int wide = is_wide(x);

    arb_init(lower);
    arb_init(upper);
    arb_init(hull);
    arb_init(cosine);
    if (wide)
    {
        ends(lower, upper, x, low);
        arb_union(hull, lower, upper, low);
    }
    else
    {
        arb_set(hull, x);
    }
    arb_cos(cosine, hull, prec);
    if (!arb_is_finite(cosine) || arb_contains_zero(cosine))
    {
        arb_indeterminate(res);
    }
    else if (wide)
    {
        arb_tan(lower, lower, low);
        arb_tan(upper, upper, low);
        arb_union(res, lower, upper, low);
    }
    else
    {
        arb_tan(res, x, prec);
    }
    arb_clear(lower);
    arb_clear(upper);
    arb_clear(hull);
    arb_clear(cosine);
}

static void function_relu(arb_t res, const arb_t x)
{
    if (arb_is_nonpositive(x))
        arb_zero(res);
    else if (arb_is_nonnegative(x))
        arb_set(res, x);
    else if (arb_is_finite(x))
        arb_nonnegative_part(res, x);
    else
        arb_abs(res, x); /* unbounded: whatever contains x and 0 */
}

static void evaluate_function(arb_t res, caustic_op op, const arb_t x, slong prec)
{
    if (is_nan(x))
    {
        arb_indeterminate(res);
        return;
    }
    switch (op)
    {
        case CAUSTIC_OP_EXP:
            monotone(res, real_exp, x, NULL, prec);
            arb_nonnegative_part(res, res);
            break;
        case CAUSTIC_OP_LOG:
            if (arb_is_positive(x))
                monotone(res, real_log, x, NULL, prec);
            else
                arb_indeterminate(res);
            break;
        case CAUSTIC_OP_SIN:
            arb_sin(res, x, prec);
            break;
        case CAUSTIC_OP_COS:
            arb_cos(res, x, prec);
            break;
        case CAUSTIC_OP_TAN:
            function_tan(res, x, prec);
            break;
        case CAUSTIC_OP_ATAN:
            monotone(res, real_atan, x, NULL, prec);
            break;
        case CAUSTIC_OP_SINH:
            monotone(res, real_sinh, x, NULL, prec);
            break;
        case CAUSTIC_OP_COSH:
            monotone_even(res, real_cosh, x, NULL, prec);
            break;
        case CAUSTIC_OP_TANH:
            monotone(res, real_tanh, x, NULL, prec);
            break;
        case CAUSTIC_OP_SIGMOID:
            monotone(res, real_sigmoid, x, NULL, prec);
            break;
        case CAUSTIC_OP_SOFTPLUS:
            monotone(res, real_softplus, x, NULL, prec);
            break;
        case CAUSTIC_OP_ERF:
            monotone(res, real_erf, x, NULL, prec);
            break;
        case CAUSTIC_OP_ABS:
            arb_abs(res, x);
            if (arb_is_finite(x))
                arb_nonnegative_part(res, res);
            break;
        case CAUSTIC_OP_RELU:
            function_relu(res, x);
            break;
        case CAUSTIC_OP_SIGN:
            if (arb_is_positive(x))
                arb_one(res);
            else if (arb_is_negative(x))
                arb_set_si(res, -1);
            else
                arb_indeterminate(res);
            break;
        case CAUSTIC_OP_STEP:
            if (arb_is_positive(x))
                arb_one(res);
            else if (arb_is_negative(x))
                arb_zero(res);
            else
                arb_indeterminate(res);
            break;
        default:
            arb_indeterminate(res);
            break;
    }
}

/* The machine ************************************************************************************/

typedef struct
{
    const caustic_tape * tape;
    arb_srcptr in;
    arb_ptr registers; /* those from `symbols` on */
}
machine;

static arb_srcptr operand(const machine * m, slong i)
{
    return i < m->tape->symbols ? m->in + i : m->registers + (i - m->tape->symbols);
}

/* res += c*x */
static void add_multiple(arb_t res, const fmpq * c, const arb_t x, slong prec)
{
    arb_t t;

    if (fmpz_is_one(fmpq_denref(c)))
    {
        arb_addmul_fmpz(res, x, fmpq_numref(c), prec);
        return;
    }
    arb_init(t);
    arb_mul_fmpz(t, x, fmpq_numref(c), prec);
    arb_div_fmpz(t, t, fmpq_denref(c), prec);
    arb_add(res, res, t, prec);
    arb_clear(t);
}

static void run_sum(arb_t res, const machine * m, const caustic_instruction * code, slong prec)
{
    const caustic_tape * tape = m->tape;
    slong k;
    int nan = 0;

    if (code->constant >= 0)
        arb_set_fmpq(res, tape->constants + code->constant, prec);
    else
        arb_zero(res);
    for (k = code->first; k < code->first + code->length; k++)
    {
        arb_srcptr x = operand(m, tape->operands[k]);
        slong c = tape->coefficients[k];

        nan |= is_nan(x);
        if (c < 0)
            arb_add(res, res, x, prec);
        else
            add_multiple(res, tape->constants + c, x, prec);
    }
    if (nan)
        arb_indeterminate(res);
}

static void run_product(arb_t res, const machine * m, const caustic_instruction * code, arb_t t, slong prec)
{
    const caustic_tape * tape = m->tape;
    slong k;

    arb_set(res, operand(m, tape->operands[code->first]));
    for (k = 1; k < code->length; k++)
    {
        multiply(t, res, operand(m, tape->operands[code->first + k]), prec);
        arb_swap(res, t);
    }
    if (code->constant >= 0 && !is_nan(res))
    {
        arb_mul_fmpz(res, res, fmpq_numref(tape->constants + code->constant), prec);
        if (!fmpz_is_one(fmpq_denref(tape->constants + code->constant)))
            arb_div_fmpz(res, res, fmpq_denref(tape->constants + code->constant), prec);
    }
}

static void run(arb_t res, const machine * m, const caustic_instruction * code, arb_t t, slong prec)
{
    const caustic_tape * tape = m->tape;
    const slong * operands = tape->operands + code->first;

    switch (code->op)
    {
        case CAUSTIC_TAPE_NUMBER:
            arb_set_fmpq(res, tape->constants + code->constant, prec);
            break;
        case CAUSTIC_TAPE_PI:
            arb_const_pi(res, prec);
            break;
        case CAUSTIC_TAPE_SUM:
            run_sum(res, m, code, prec);
            break;
        case CAUSTIC_TAPE_PRODUCT:
            run_product(res, m, code, t, prec);
            break;
        case CAUSTIC_TAPE_QUOTIENT:
            divide(res, operand(m, operands[0]), operand(m, operands[1]), prec);
            break;
        case CAUSTIC_TAPE_POWER:
            power(res, operand(m, operands[0]), tape->constants + code->constant, prec);
            break;
        case CAUSTIC_TAPE_FUNCTION:
            evaluate_function(res, code->function, operand(m, operands[0]), prec);
            break;
    }
}

void caustic_tape_evaluate_arb(arb_ptr out, const caustic_tape * tape, arb_srcptr in, slong prec)
{
    machine m;
    slong i, own = tape->registers - tape->symbols;
    arb_t t;

    m.tape = tape;
    m.in = in;
    m.registers = _arb_vec_init(own);
    arb_init(t);
    for (i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;

        run(m.registers + (code->destination - tape->symbols), &m, code, t, prec);
    }
    for (i = 0; i < tape->roots; i++)
        arb_set(out + i, operand(&m, tape->root_registers[i]));
    arb_clear(t);
    _arb_vec_clear(m.registers, own);
}

void caustic_evaluate_arb(arb_ptr out, caustic_evaluator * evaluator, arb_srcptr in, slong prec)
{
    const caustic_tape * tape = evaluator->tape;
    machine m;
    slong i;
    int again = prec > evaluator->real_precision;

    if (evaluator->real_registers == NULL)
    {
        evaluator->real_registers = _arb_vec_init(tape->registers - tape->symbols);
    }
    if (again)
    {
        evaluator->real_precision = caustic_fixed_precision(prec);
    }
    m.tape = tape;
    m.in = in;
    m.registers = evaluator->real_registers;
    for (i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;

        if (again || !code->fixed)
            run(m.registers + (code->destination - tape->symbols), &m, code, evaluator->real_room,
                code->fixed ? evaluator->real_precision : prec);
    }
    for (i = 0; i < tape->roots; i++)
        arb_set_round(out + i, operand(&m, tape->root_registers[i]), prec);
}

/* Progressions ***********************************************************************************/

/* Whether the value of each instruction certainly does not depend on the last input (0) or is affine in it (1), by its form;
   else 2. */
static void find_degrees(int * degree, const caustic_tape * tape)
{
    int * of_register = flint_calloc((size_t) tape->registers + 1, sizeof(int));

    if (tape->symbols > 0)
        of_register[tape->symbols - 1] = 1;
    for (slong i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;
        const slong * operands = tape->operands + code->first;
        int most = 0, sum = 0;

        for (slong k = 0; k < code->length; k++)
        {
            most = FLINT_MAX(most, of_register[operands[k]]);
            sum = FLINT_MIN(2, sum + of_register[operands[k]]);
        }
        if (code->op == CAUSTIC_TAPE_SUM || most == 0)
            degree[i] = most;
        else if (code->op == CAUSTIC_TAPE_PRODUCT)
            degree[i] = sum;
        else if (code->op == CAUSTIC_TAPE_QUOTIENT && of_register[operands[1]] == 0)
            degree[i] = most;
        else
            degree[i] = 2;
        of_register[code->destination] = degree[i];
    }
    flint_free(of_register);
}

/* Which instructions are exp of an affine argument, and which are read by nothing else then. */
static void find_progress(caustic_progress * progress, const caustic_tape * tape)
{
    int * degree = flint_malloc((size_t) (tape->length + 1) * sizeof(int));
    char * alive = flint_calloc((size_t) tape->registers + 1, 1);
    slong * writer = flint_malloc((size_t) (tape->registers + 1) * sizeof(slong));

    find_degrees(degree, tape);
    for (slong r = 0; r < tape->registers; r++)
        writer[r] = -1;
    for (slong i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;

        arb_init(progress[i].value);
        arb_init(progress[i].ratio);
        progress[i].geometric = 0;
        if (code->op == CAUSTIC_TAPE_FUNCTION && code->function == CAUSTIC_OP_EXP)
        {
            slong argument = tape->operands[code->first];

            progress[i].geometric = argument < tape->symbols ? argument == tape->symbols - 1
                : writer[argument] >= 0 && degree[writer[argument]] == 1;
        }
        progress[i].still = degree[i] == 0 && !code->fixed;
        writer[code->destination] = i;
    }
    for (slong i = 0; i < tape->roots; i++)
        alive[tape->root_registers[i]] = 1;
    for (slong i = tape->length - 1; i >= 0; i--)
    {
        const caustic_instruction * code = tape->instructions + i;

        progress[i].needed = alive[code->destination];
        alive[code->destination] = 0;
        for (slong k = 0; k < code->length && progress[i].needed && !progress[i].geometric && !progress[i].still; k++)
            alive[tape->operands[code->first + k]] = 1;
    }
    flint_free(degree);
    flint_free(alive);
    flint_free(writer);
}

/* Runs the tape at y + h and then at y, and keeps of both the values of the geometric instructions. */
void caustic_evaluator_start(caustic_evaluator * evaluator, arb_srcptr first, const arf_t step, slong prec)
{
    const caustic_tape * tape = evaluator->tape;
    slong own = tape->registers - tape->symbols, last = tape->symbols - 1;
    arb_t t;
    machine m;

    if (evaluator->progress == NULL)
    {
        evaluator->progress = flint_calloc((size_t) tape->length + 1, sizeof(caustic_progress));
        evaluator->progress_registers = _arb_vec_init(own);
        evaluator->place = _arb_vec_init(tape->symbols);
        find_progress(evaluator->progress, tape);
    }
    m.tape = tape;
    m.in = evaluator->place;
    m.registers = evaluator->progress_registers;
    arb_init(t);
    evaluator->progress_precision = prec;
    arf_set(evaluator->step, step);
    for (int later = 1; later >= 0; later--)
    {
        _arb_vec_set(evaluator->place, first, tape->symbols);
        if (later && last >= 0)
            arb_add_arf(evaluator->place + last, evaluator->place + last, step, ARF_PREC_EXACT);
        for (slong i = 0; i < tape->length; i++)
        {
            const caustic_instruction * code = tape->instructions + i;
            caustic_progress * progress = evaluator->progress + i;
            arb_ptr res = m.registers + (code->destination - tape->symbols);

            /* [EXPR-4] the arguments first: their difference is the logarithm of the ratio */
            if (progress->geometric && later)
                arb_set(progress->ratio, operand(&m, tape->operands[code->first]));
            else if (progress->geometric)
            {
                arb_sub(progress->ratio, progress->ratio, operand(&m, tape->operands[code->first]), prec);
                arb_exp(progress->ratio, progress->ratio, prec);
            }
            run(res, &m, code, t, prec);
            if (progress->geometric || progress->still)
                arb_set(progress->value, res);
        }
    }
    arb_clear(t);
}

void caustic_evaluator_next(arb_ptr out, caustic_evaluator * evaluator, slong prec)
{
    const caustic_tape * tape = evaluator->tape;
    machine m = {tape, evaluator->place, NULL};
    slong last = tape->symbols - 1;
    int again = prec > evaluator->real_precision;

    if (evaluator->real_registers == NULL)
        evaluator->real_registers = _arb_vec_init(tape->registers - tape->symbols);
    if (again)
        evaluator->real_precision = caustic_fixed_precision(prec);
    m.registers = evaluator->real_registers;
    for (slong i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;
        caustic_progress * progress = evaluator->progress + i;
        arb_ptr res = m.registers + (code->destination - tape->symbols);

        if (progress->geometric)
        {
            if (progress->needed)
                arb_set_round(res, progress->value, prec);
            arb_mul(progress->value, progress->value, progress->ratio, evaluator->progress_precision);
        }
        else if (progress->still)
        {
            if (progress->needed)
                arb_set_round(res, progress->value, prec);
        }
        else if (code->fixed ? again : progress->needed)
            run(res, &m, code, evaluator->real_room, code->fixed ? evaluator->real_precision : prec);
    }
    for (slong i = 0; i < tape->roots; i++)
        arb_set_round(out + i, operand(&m, tape->root_registers[i]), prec);
    if (last >= 0)
        arb_add_arf(evaluator->place + last, evaluator->place + last, evaluator->step, ARF_PREC_EXACT);
}
