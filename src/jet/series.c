/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    series: univariate Taylor arithmetic, one coefficient at a time.

    Every recurrence is the coefficient of h^k in a differential equation that the function
    satisfies, for instance k y_k = sum_j j a_j y_(k-j) for y = exp(a), and holds for each real
    choice of the coefficients; so it encloses when read on balls. The constant coefficient decides
    whether the function is defined: where it is not certainly so, every coefficient is NaN.
    [JET-1]
*/

#include <flint/arb_hypgeom.h>
#include "expression/tape_internal.h"
#include "jet/series_internal.h"

/* Coefficients of products *******************************************************************/

/* res = sum_(i=low)^(k) a_i b_(k-i) */
static void convolution(arb_t res, arb_srcptr a, arb_srcptr b, slong low, slong k, slong prec)
{
    if (low > k)
    {
        arb_zero(res);
    }
    else
    {
        arb_dot(res, NULL, 0, a + low, 1, b + k - low, -1, k - low + 1, prec);
    }
}

/* res = (a^2)_k. The symmetric form reads each coefficient once, and the constant term is kept
   non-negative. */
static void square(arb_t res, arb_srcptr a, slong k, slong prec)
{
    if (k == 0)
    {
        arb_sqr(res, a, prec);
        if (arb_contains_negative(res))
        {
            arb_nonnegative_part(res, res);
        }
        return;
    }
    arb_dot(res, NULL, 0, a, 1, a + k, -1, (k + 1) / 2, prec);
    arb_mul_2exp_si(res, res, 1);
    if (k % 2 == 0)
    {
        arb_addmul(res, a + k / 2, a + k / 2, prec);
    }
}

/* y_k of the primitive: k y_k = sum_(j=1)^k da_j b_(k-j), with da_j = j a_j. */
static void primitive(arb_t res, arb_srcptr da, arb_srcptr b, slong k, slong prec)
{
    convolution(res, da, b, 1, k, prec);
    arb_div_ui(res, res, (ulong) k, prec);
}

/* Functions **********************************************************************************/

/* sigmoid(x) = 1/(1 + e^-x), through the exponential that does not grow; monotone, so a wide ball
   is enclosed by its ends. */
static void sigmoid_exact(arb_t res, const arb_t x, slong prec)
{
    arb_t e, d;
    arb_init(e);
    arb_init(d);
    if (arf_sgn(arb_midref(x)) >= 0)
    {
        arb_neg(e, x);
        arb_exp(e, e, prec);
        arb_add_ui(d, e, 1, prec);
        arb_inv(res, d, prec);
    }
    else
    {
        arb_exp(e, x, prec);
        arb_add_ui(d, e, 1, prec);
        arb_div(res, e, d, prec);
    }
    arb_clear(e);
    arb_clear(d);
}

/* softplus(x) = log(1 + e^x) = max(x, 0) + log(1 + e^-|x|) at an exact x. */
static void softplus_exact(arb_t res, const arb_t x, slong prec)
{
    arb_t e;
    arb_init(e);
    arb_abs(e, x);
    arb_neg(e, e);
    arb_exp(e, e, prec);
    arb_log1p(e, e, prec);
    if (arf_sgn(arb_midref(x)) > 0)
    {
        arb_add(res, x, e, prec);
    }
    else
    {
        arb_set(res, e);
    }
    arb_clear(e);
}

/* The value of an increasing function on a ball: the union of its values at the ends. */
static void increasing(arb_t res, void (*f)(arb_t, const arb_t, slong), const arb_t x, slong prec)
{
    arb_t low, high;
    if (!arb_is_finite(x))
    {
        arb_indeterminate(res);
        return;
    }
    if (arb_is_exact(x))
    {
        f(res, x, prec);
        return;
    }
    arb_init(low);
    arb_init(high);
    arb_get_lbound_arf(arb_midref(low), x, prec);
    arb_get_ubound_arf(arb_midref(high), x, prec);
    f(low, low, prec);
    f(high, high, prec);
    arb_union(res, low, high, prec);
    arb_clear(low);
    arb_clear(high);
}

/* How many auxiliary series a function keeps. */
static slong function_auxiliaries(caustic_op op)
{
    switch (op)
    {
        case CAUSTIC_OP_EXP:
        case CAUSTIC_OP_LOG:
            return 1;
        case CAUSTIC_OP_SIN:
        case CAUSTIC_OP_COS:
        case CAUSTIC_OP_SINH:
        case CAUSTIC_OP_COSH:
        case CAUSTIC_OP_TAN:
        case CAUSTIC_OP_TANH:
        case CAUSTIC_OP_ATAN:
            return 2;
        case CAUSTIC_OP_SIGMOID:
        case CAUSTIC_OP_ERF:
            return 3;
        case CAUSTIC_OP_SOFTPLUS:
            return 4;
        default:
            return 0;
    }
}

/* Coefficient 0 of a function and of its auxiliary series. */
static void function_start(arb_ptr y, arb_ptr x, slong capacity, caustic_op op, arb_srcptr a, slong prec)
{
    arb_ptr x1 = x + capacity, x2 = x + 2 * capacity;

    switch (op)
    {
        case CAUSTIC_OP_EXP:
            arb_exp(y, a, prec);
            break;
        case CAUSTIC_OP_LOG:
            if (arb_is_positive(a))
            {
                arb_log(y, a, prec);
            }
            else
            {
                arb_indeterminate(y);
            }
            break;
        case CAUSTIC_OP_SIN:
            arb_sin_cos(y, x1, a, prec);
            break;
        case CAUSTIC_OP_COS:
            arb_sin_cos(x1, y, a, prec);
            break;
        case CAUSTIC_OP_SINH:
            arb_sinh_cosh(y, x1, a, prec);
            break;
        case CAUSTIC_OP_COSH:
            arb_sinh_cosh(x1, y, a, prec);
            break;
        case CAUSTIC_OP_TAN: /* x1 = 1 + y^2 */
            arb_tan(y, a, prec);
            square(x1, y, 0, prec);
            arb_add_ui(x1, x1, 1, prec);
            break;
        case CAUSTIC_OP_TANH: /* x1 = 1 - y^2 */
            arb_tanh(y, a, prec);
            arb_sech(x1, a, prec);
            arb_sqr(x1, x1, prec);
            break;
        case CAUSTIC_OP_ATAN: /* x1 = 1 + a^2 */
            arb_atan(y, a, prec);
            square(x1, a, 0, prec);
            arb_add_ui(x1, x1, 1, prec);
            break;
        case CAUSTIC_OP_SIGMOID: /* x1 = 1 - y, x2 = y (1 - y) */
            increasing(y, sigmoid_exact, a, prec);
            arb_neg(x2, a);
            increasing(x1, sigmoid_exact, x2, prec);
            arb_mul(x2, y, x1, prec);
            break;
        case CAUSTIC_OP_SOFTPLUS: /* x1 = sigmoid(a), x2 = 1 - x1, x3 = x1 x2 */
            increasing(y, softplus_exact, a, prec);
            increasing(x1, sigmoid_exact, a, prec);
            arb_neg(x2, a);
            increasing(x2, sigmoid_exact, x2, prec);
            arb_mul(x + 3 * capacity, x1, x2, prec);
            break;
        case CAUSTIC_OP_ERF: /* x1_k = -k (a^2)_k, x2 = exp(-a^2) */
            arb_hypgeom_erf(y, a, prec);
            square(x2, a, 0, prec);
            arb_neg(x2, x2);
            arb_exp(x2, x2, prec);
            break;
        case CAUSTIC_OP_ABS:
            arb_abs(y, a);
            break;
        case CAUSTIC_OP_RELU:
            arb_nonnegative_part(y, a);
            break;
        case CAUSTIC_OP_SIGN:
        case CAUSTIC_OP_STEP:
            if (arb_is_positive(a))
            {
                arb_one(y);
            }
            else if (arb_is_negative(a))
            {
                arb_set_si(y, op == CAUSTIC_OP_SIGN ? -1 : 0);
            }
            else
            {
                arb_indeterminate(y);
            }
            break;
        default:
            arb_indeterminate(y);
            break;
    }
}

/* y_k of abs and relu: smooth where the sign of the constant term is certain, else unknown. */
static void kink(arb_ptr y, caustic_op op, arb_srcptr a, slong k)
{
    if (arb_is_positive(a))
    {
        arb_set(y + k, a + k);
    }
    else if (!arb_is_negative(a))
    {
        arb_indeterminate(y + k);
    }
    else if (op == CAUSTIC_OP_ABS)
    {
        arb_neg(y + k, a + k);
    }
    else
    {
        arb_zero(y + k);
    }
}

/* Coefficient k >= 1 of a function and of its auxiliary series. */
static void function_continue(arb_ptr y, arb_ptr x, slong capacity, caustic_op op, arb_srcptr a,
    slong k, slong prec)
{
    arb_ptr x1 = x + capacity, x2 = x + 2 * capacity, x3 = x + 3 * capacity;
    arb_t t;

    switch (op)
    {
        case CAUSTIC_OP_ABS:
        case CAUSTIC_OP_RELU:
            kink(y, op, a, k);
            return;
        case CAUSTIC_OP_SIGN:
        case CAUSTIC_OP_STEP:
            arb_zero(y + k);
            return;
        case CAUSTIC_OP_LOG: /* a y' = a'; x_k = k y_k */
            arb_init(t);
            arb_dot(t, NULL, 0, x + 1, 1, a + k - 1, -1, k - 1, prec);
            arb_div_ui(t, t, (ulong) k, prec);
            arb_sub(t, a + k, t, prec);
            arb_div(y + k, t, a, prec);
            arb_mul_ui(x + k, y + k, (ulong) k, prec);
            arb_clear(t);
            return;
        case CAUSTIC_OP_ATAN: /* (1 + a^2) y' = a'; x_k = k y_k */
            square(x1 + k, a, k, prec);
            arb_init(t);
            arb_dot(t, NULL, 0, x + 1, 1, x1 + k - 1, -1, k - 1, prec);
            arb_div_ui(t, t, (ulong) k, prec);
            arb_sub(t, a + k, t, prec);
            arb_div(y + k, t, x1, prec);
            arb_mul_ui(x + k, y + k, (ulong) k, prec);
            arb_clear(t);
            return;
        default:
            break;
    }

    arb_mul_ui(x + k, a + k, (ulong) k, prec);
    switch (op)
    {
        case CAUSTIC_OP_EXP: /* y' = a' y */
            primitive(y + k, x, y, k, prec);
            break;
        case CAUSTIC_OP_SIN:
            primitive(y + k, x, x1, k, prec);
            primitive(x1 + k, x, y, k, prec);
            arb_neg(x1 + k, x1 + k);
            break;
        case CAUSTIC_OP_COS:
            primitive(y + k, x, x1, k, prec);
            primitive(x1 + k, x, y, k, prec);
            arb_neg(y + k, y + k);
            break;
        case CAUSTIC_OP_SINH:
        case CAUSTIC_OP_COSH:
            primitive(y + k, x, x1, k, prec);
            primitive(x1 + k, x, y, k, prec);
            break;
        case CAUSTIC_OP_TAN:
            primitive(y + k, x, x1, k, prec);
            square(x1 + k, y, k, prec);
            break;
        case CAUSTIC_OP_TANH:
            primitive(y + k, x, x1, k, prec);
            square(x1 + k, y, k, prec);
            arb_neg(x1 + k, x1 + k);
            break;
        case CAUSTIC_OP_SIGMOID: /* y' = y (1 - y) a' */
            primitive(y + k, x, x2, k, prec);
            arb_neg(x1 + k, y + k);
            convolution(x2 + k, y, x1, 0, k, prec);
            break;
        case CAUSTIC_OP_SOFTPLUS: /* y' = sigmoid(a) a' */
            primitive(y + k, x, x1, k, prec);
            primitive(x1 + k, x, x3, k, prec);
            arb_neg(x2 + k, x1 + k);
            convolution(x3 + k, x1, x2, 0, k, prec);
            break;
        case CAUSTIC_OP_ERF: /* y' = (2/sqrt(pi)) exp(-a^2) a' */
            square(x1 + k, a, k, prec);
            arb_mul_si(x1 + k, x1 + k, -k, prec);
            primitive(x2 + k, x1, x2, k, prec);
            primitive(y + k, x, x2, k, prec);
            arb_init(t);
            arb_const_sqrt_pi(t, prec);
            arb_div(y + k, y + k, t, prec);
            arb_mul_2exp_si(y + k, y + k, 1);
            arb_clear(t);
            break;
        default:
            arb_indeterminate(y + k);
            break;
    }
}

static void function_step(arb_ptr y, arb_ptr x, slong capacity, caustic_op op, arb_srcptr a, slong k,
    slong prec)
{
    if (k == 0)
    {
        function_start(y, x, capacity, op, a, prec);
    }
    else
    {
        function_continue(y, x, capacity, op, a, k, prec);
    }
}

/* Powers *************************************************************************************/

/* A positive integer exponent is a chain of products, so that a base with 0 in its ball is no
   obstacle. */
static int is_chain(const fmpq_t exponent)
{
    return fmpz_is_one(fmpq_denref(exponent)) && fmpz_sgn(fmpq_numref(exponent)) > 0
        && fmpz_bits(fmpq_numref(exponent)) <= 32;
}

/* The number of products of the binary chain for n >= 1, the last of which is the result. */
static slong chain_length(ulong n)
{
    slong length = 0;
    for (; n > 1; n >>= 1)
    {
        length += 1 + (slong) (n & 1);
    }
    return length;
}

static slong power_auxiliaries(const fmpq_t exponent)
{
    if (is_chain(exponent))
    {
        return chain_length(fmpz_get_ui(fmpq_numref(exponent)));
    }
    return 1;
}

/* Coefficient k of a^n by the binary chain, from the leading bit down. */
static void chain_step(arb_ptr y, arb_ptr x, slong capacity, ulong n, arb_srcptr a, slong k, slong prec)
{
    arb_srcptr power = a;
    slong bit = FLINT_BIT_COUNT(n) - 2, used = 0;

    for (; bit >= 0; bit--)
    {
        square(x + used * capacity + k, power, k, prec);
        power = x + used * capacity;
        used++;
        if ((n >> bit) & 1)
        {
            convolution(x + used * capacity + k, power, a, 0, k, prec);
            power = x + used * capacity;
            used++;
        }
    }
    arb_set(y + k, power + k);
}

/* Coefficient k of a^p, p not a positive integer: a y' = p a' y, that is
   k a_0 y_k = sum_(j=1)^k (p j - (k - j)) a_j y_(k-j). */
static void general_power_step(arb_ptr y, arb_ptr x, const fmpq_t p, arb_srcptr a, slong k, slong prec)
{
    int integer = fmpz_is_one(fmpq_denref(p));
    int regular = integer ? arb_is_nonzero(a) : arb_is_positive(a);
    arb_t t;
    fmpz_t q;

    if (k == 0)
    {
        if (regular || (fmpq_sgn(p) > 0 && arb_is_nonnegative(a)))
        {
            arb_pow_fmpq(y, a, p, prec);
        }
        else
        {
            arb_indeterminate(y);
        }
        return;
    }
    if (!regular)
    {
        arb_indeterminate(y + k);
        return;
    }
    arb_init(t);
    fmpz_init(q);
    arb_mul_ui(x + k, a + k, (ulong) k, prec);
    /* (p + 1) sum j a_j y_(k-j) / k - sum a_j y_(k-j), with p + 1 = q / denominator */
    fmpz_add(q, fmpq_numref(p), fmpq_denref(p));
    convolution(t, x, y, 1, k, prec);
    arb_mul_fmpz(t, t, q, prec);
    fmpz_mul_ui(q, fmpq_denref(p), (ulong) k);
    arb_div_fmpz(t, t, q, prec);
    arb_dot(y + k, t, 1, a + 1, 1, y + k - 1, -1, k, prec);
    arb_neg(y + k, y + k);
    arb_div(y + k, y + k, a, prec);
    arb_neg(y + k, y + k);
    arb_clear(t);
    fmpz_clear(q);
}

static void power_step(arb_ptr y, arb_ptr x, slong capacity, const fmpq_t p, arb_srcptr a, slong k,
    slong prec)
{
    if (is_chain(p))
    {
        chain_step(y, x, capacity, fmpz_get_ui(fmpq_numref(p)), a, k, prec);
    }
    else
    {
        general_power_step(y, x, p, a, k, prec);
    }
}

/* Once the constant coefficient is not finite, the function is not certainly defined, and nothing
   is known of any coefficient. */
static void undefined_beyond(arb_ptr y, slong k)
{
    if (!arb_is_finite(y))
    {
        arb_indeterminate(y + k);
    }
}

/* Single operations **************************************************************************/

void caustic_series_function(arb_ptr y, caustic_op op, arb_srcptr a, slong length, slong prec)
{
    slong auxiliaries = function_auxiliaries(op), k;
    arb_ptr x = _arb_vec_init(auxiliaries * length);
    for (k = 0; k < length; k++)
    {
        function_step(y, x, length, op, a, k, prec);
        undefined_beyond(y, k);
    }
    _arb_vec_clear(x, auxiliaries * length);
}

void caustic_series_power(arb_ptr y, arb_srcptr a, const fmpq_t exponent, slong length, slong prec)
{
    slong auxiliaries = power_auxiliaries(exponent), k;
    arb_ptr x = _arb_vec_init(auxiliaries * length);
    for (k = 0; k < length; k++)
    {
        power_step(y, x, length, exponent, a, k, prec);
        undefined_beyond(y, k);
    }
    _arb_vec_clear(x, auxiliaries * length);
}

/* The machine ********************************************************************************/

static slong instruction_auxiliaries(const caustic_tape * tape, const caustic_instruction * instruction)
{
    switch (instruction->op)
    {
        case CAUSTIC_TAPE_FUNCTION:
            return function_auxiliaries(instruction->function);
        case CAUSTIC_TAPE_POWER:
            return power_auxiliaries(tape->constants + instruction->constant);
        case CAUSTIC_TAPE_PRODUCT:
            return FLINT_MAX(0, instruction->length - 2);
        default:
            return 0;
    }
}

/* Registers are used again; a series machine remembers every value. The value of a register is
   the last one written to it. */
static void name_values(caustic_series_t series)
{
    const caustic_tape * tape = series->tape;
    slong * value = flint_malloc(sizeof(slong) * (size_t) FLINT_MAX(1, tape->registers));
    slong i, j;

    for (i = 0; i < tape->registers; i++)
    {
        value[i] = i < tape->symbols ? i : -1;
    }
    for (i = 0; i < tape->length; i++)
    {
        const caustic_instruction * instruction = tape->instructions + i;
        for (j = instruction->first; j < instruction->first + instruction->length; j++)
        {
            series->operands[j] = value[tape->operands[j]];
        }
        value[instruction->destination] = tape->symbols + i;
    }
    for (i = 0; i < tape->roots; i++)
    {
        series->roots[i] = value[tape->root_registers[i]];
    }
    flint_free(value);
}

void caustic_series_init(caustic_series_t series, const caustic_tape * tape, slong capacity, slong prec)
{
    slong i, used;

    series->tape = tape;
    series->capacity = capacity;
    series->prec = prec;
    series->values = tape->symbols + tape->length;
    series->auxiliary = flint_malloc(sizeof(slong) * (size_t) FLINT_MAX(1, tape->length));
    series->operands = flint_malloc(sizeof(slong) * (size_t) FLINT_MAX(1, tape->operands_length));
    series->roots = flint_malloc(sizeof(slong) * (size_t) FLINT_MAX(1, tape->roots));
    series->constants = _arb_vec_init(tape->constants_length);

    used = series->values;
    for (i = 0; i < tape->length; i++)
    {
        series->auxiliary[i] = used * capacity;
        used += instruction_auxiliaries(tape, tape->instructions + i);
    }
    series->arena_length = used * capacity;
    series->arena = _arb_vec_init(series->arena_length);
    for (i = 0; i < tape->constants_length; i++)
    {
        arb_set_fmpq(series->constants + i, tape->constants + i, prec);
    }
    name_values(series);
}

void caustic_series_clear(caustic_series_t series)
{
    _arb_vec_clear(series->arena, series->arena_length);
    _arb_vec_clear(series->constants, series->tape->constants_length);
    flint_free(series->auxiliary);
    flint_free(series->operands);
    flint_free(series->roots);
}

static arb_ptr series_value(const caustic_series_t series, slong value)
{
    return series->arena + value * series->capacity;
}

arb_ptr caustic_series_input(caustic_series_t series, slong i)
{
    return series_value(series, i);
}

arb_srcptr caustic_series_root(const caustic_series_t series, slong i)
{
    return series_value(series, series->roots[i]);
}

static arb_srcptr operand(const caustic_series_t series, const caustic_instruction * instruction, slong i)
{
    return series_value(series, series->operands[instruction->first + i]);
}

static void sum_step(arb_ptr y, const caustic_series_t series, const caustic_instruction * instruction,
    slong k)
{
    slong i, c;
    if (k == 0 && instruction->constant >= 0)
    {
        arb_set(y, series->constants + instruction->constant);
    }
    else
    {
        arb_zero(y + k);
    }
    for (i = 0; i < instruction->length; i++)
    {
        c = series->tape->coefficients[instruction->first + i];
        if (c < 0)
        {
            arb_add(y + k, y + k, operand(series, instruction, i) + k, series->prec);
        }
        else
        {
            arb_addmul(y + k, series->constants + c, operand(series, instruction, i) + k, series->prec);
        }
    }
}

static void product_step(arb_ptr y, arb_ptr x, const caustic_series_t series,
    const caustic_instruction * instruction, slong k)
{
    arb_srcptr partial = operand(series, instruction, 0), factor;
    slong i;
    if (instruction->length == 1)
    {
        arb_set(y + k, partial + k);
    }
    for (i = 1; i < instruction->length; i++)
    {
        arb_ptr next = i == instruction->length - 1 ? y : x + (i - 1) * series->capacity;
        factor = operand(series, instruction, i);
        if (factor == partial)
        {
            square(next + k, partial, k, series->prec);
        }
        else
        {
            convolution(next + k, partial, factor, 0, k, series->prec);
        }
        partial = next;
    }
    if (instruction->constant >= 0)
    {
        arb_mul(y + k, y + k, series->constants + instruction->constant, series->prec);
    }
}

/* b y = a */
static void quotient_step(arb_ptr y, arb_srcptr a, arb_srcptr b, slong k, slong prec)
{
    arb_t t;
    if (k == 0)
    {
        arb_div(y, a, b, prec);
        return;
    }
    arb_init(t);
    arb_dot(t, a + k, 1, b + 1, 1, y + k - 1, -1, k, prec);
    arb_div(y + k, t, b, prec);
    arb_clear(t);
}

/* Whether an operand is undefined: then so is the value, whatever it is multiplied by. */
static int operands_defined(const caustic_series_t series, const caustic_instruction * instruction)
{
    slong i;
    for (i = 0; i < instruction->length; i++)
    {
        if (!arb_is_finite(operand(series, instruction, i)))
        {
            return 0;
        }
    }
    return 1;
}

static void instruction_step(caustic_series_t series, slong i, slong k)
{
    const caustic_tape * tape = series->tape;
    const caustic_instruction * instruction = tape->instructions + i;
    arb_ptr y = series_value(series, tape->symbols + i);
    arb_ptr x = series->arena + series->auxiliary[i];
    slong prec = series->prec;

    if (!operands_defined(series, instruction))
    {
        arb_indeterminate(y + k);
        return;
    }
    switch (instruction->op)
    {
        case CAUSTIC_TAPE_NUMBER:
            if (k == 0)
            {
                arb_set(y, series->constants + instruction->constant);
            }
            else
            {
                arb_zero(y + k);
            }
            break;
        case CAUSTIC_TAPE_PI:
            if (k == 0)
            {
                arb_const_pi(y, prec);
            }
            else
            {
                arb_zero(y + k);
            }
            break;
        case CAUSTIC_TAPE_SUM:
            sum_step(y, series, instruction, k);
            break;
        case CAUSTIC_TAPE_PRODUCT:
            product_step(y, x, series, instruction, k);
            break;
        case CAUSTIC_TAPE_QUOTIENT:
            quotient_step(y, operand(series, instruction, 0), operand(series, instruction, 1), k, prec);
            break;
        case CAUSTIC_TAPE_POWER:
            power_step(y, x, series->capacity, tape->constants + instruction->constant,
                operand(series, instruction, 0), k, prec);
            break;
        case CAUSTIC_TAPE_FUNCTION:
            function_step(y, x, series->capacity, instruction->function,
                operand(series, instruction, 0), k, prec);
            break;
        default:
            arb_indeterminate(y + k);
            break;
    }
    undefined_beyond(y, k);
}

void caustic_series_step(caustic_series_t series, slong k)
{
    slong i;
    for (i = 0; i < series->tape->length; i++)
    {
        instruction_step(series, i, k);
    }
}
