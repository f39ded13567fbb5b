/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    tail: how much of a power series its first coefficients leave out.

    In the norm sum_k |v_k| r^k a product is at most the product of the norms. What the coefficients of order > K of a
    function add up to follows from those of its argument and from the coefficients to order K of both, which are known with their
    cancellations; only beyond order K are absolute values taken. [JET-3]
*/

#include "expression/tape_internal.h"
#include "jet/series_internal.h"

/* Bits for the series of an inverse. */
#define INVERSE_PRECISION 64

/* How often a bound that bounds itself is tried. */
#define ROUNDS 30

/* Slots **************************************************************************************/

static caustic_tail_view view(const caustic_tails_t tails, slong slot)
{
    caustic_tail_view v;
    v.size = tails->size + slot * (tails->order + 1);
    v.rest = tails->rest + slot * (tails->order + 2);
    v.tail = tails->tail + slot;
    return v;
}

static caustic_tail_view operand(const caustic_tails_t tails, const caustic_instruction * instruction, slong i)
{
    return view(tails, tails->series->operands[instruction->first + i]);
}

void caustic_tail_sizes(mag_ptr size, mag_ptr rest, arb_srcptr a, slong order, const mag_t radius)
{
    slong k;
    mag_t power;
    mag_init(power);
    mag_one(power);
    for (k = 0; k <= order; k++)
    {
        arb_get_mag(size + k, a + k);
        if (!arb_is_finite(a + k))
        {
            mag_inf(size + k); /* not to be lost in a product with 0 */
        }
        mag_mul(size + k, size + k, power);
        mag_mul(power, power, radius);
    }
    mag_zero(rest + order + 1);
    for (k = order; k >= 0; k--)
    {
        mag_add(rest + k, rest + k + 1, size + k);
    }
    mag_clear(power);
}

/* Products ***********************************************************************************/

/* The norm of the whole series. */
static void norm(mag_t res, caustic_tail_view a)
{
    mag_add(res, a.rest, a.tail);
}

void caustic_tail_product(mag_t res, caustic_tail_view a, caustic_tail_view b, slong order)
{
    slong j;
    mag_t sum, t;
    mag_init(sum);
    mag_init(t);
    for (j = 1; j <= order; j++)
    {
        mag_addmul(sum, a.size + j, b.rest + order + 1 - j);
    }
    mag_addmul(sum, a.tail, b.rest);
    norm(t, a);
    mag_addmul(sum, t, b.tail);
    mag_swap(res, sum);
    mag_clear(sum);
    mag_clear(t);
}

/* Of the integral of a' b: coefficient k is the sum of (j/k) a_j b_(k-j), and j/k <= j/(K+1) for j <= K < k. */
static void integral(mag_t res, caustic_tail_view a, caustic_tail_view b, slong order)
{
    slong j;
    mag_t sum, t;
    mag_init(sum);
    mag_init(t);
    for (j = 1; j <= order; j++)
    {
        mag_add(t, b.rest + order + 1 - j, b.tail);
        mag_mul(t, t, a.size + j);
        mag_mul_ui(t, t, (ulong) j);
        mag_add(sum, sum, t);
    }
    mag_div_ui(sum, sum, (ulong) order + 1);
    norm(t, b);
    mag_addmul(sum, a.tail, t);
    mag_swap(res, sum);
    mag_clear(sum);
    mag_clear(t);
}

/* Inverses ***********************************************************************************/

/* q = 1/a to order K: a q = 1 + v, 1/a = q - v/a, so the tail is at most |v| |q| / (1 - |v|). */
static void inverse_tail(mag_t res, caustic_tail_view a, caustic_tail_view q, slong order)
{
    mag_t zero, v, room;
    mag_init(zero);
    mag_init(v);
    mag_init(room);
    q.tail = zero;
    caustic_tail_product(v, a, q, order);
    mag_one(room);
    mag_sub_lower(room, room, v);
    mag_mul(v, v, q.rest);
    mag_div(res, v, room);
    if (mag_is_zero(room) || !mag_is_finite(q.rest))
    {
        mag_inf(res);
    }
    mag_clear(zero);
    mag_clear(v);
    mag_clear(room);
}

/* c = a/b to order K: b c_K = a_K + w with w of order > K, so that the tail is (tail of a - w - (tail of b) c_K)/b. */
static void quotient_tail(mag_t res, caustic_tail_view a, caustic_tail_view b, caustic_tail_view c, caustic_tail_view inverse,
    slong order)
{
    mag_t zero, defect, size;
    mag_init(zero);
    mag_init(defect);
    mag_init(size);
    c.tail = zero;
    caustic_tail_product(defect, b, c, order);
    mag_add(defect, defect, a.tail);
    norm(size, inverse);
    mag_mul(res, defect, size);
    mag_clear(zero);
    mag_clear(defect);
    mag_clear(size);
}

/* Powers *************************************************************************************/

/* a^n by the binary chain of the series machine, from the leading bit down. */
static void chain_tail(caustic_tails_t tails, mag_t res, slong slot, ulong n, caustic_tail_view a)
{
    slong bit = FLINT_BIT_COUNT(n) - 2;
    caustic_tail_view power = a;
    for (; bit >= 0; bit--)
    {
        caustic_tail_product(tails->tail + slot, power, power, tails->order);
        power = view(tails, slot++);
        if ((n >> bit) & 1)
        {
            caustic_tail_product(tails->tail + slot, power, a, tails->order);
            power = view(tails, slot++);
        }
    }
    mag_set(res, power.tail);
}

/* y = a^p: coefficient k of y is p times the sum of (i/k) a_i q_l y_m, i + l + m = k, i >= 1, with q = 1/a. For the tail of y given
   that of those before. */
static void power_tail(mag_t res, caustic_tail_view y, caustic_tail_view a, caustic_tail_view q, const fmpq_t p, slong order)
{
    slong i, l;
    arb_t exponent;
    mag_t sum, t, whole_q, whole_y;
    mag_ptr slope = _mag_vec_init(2 * order + 1); /* (i/(K+1)) |a_i| |q_l|, summed by i + l */

    arb_init(exponent);
    mag_init(sum);
    mag_init(t);
    mag_init(whole_q);
    mag_init(whole_y);
    norm(whole_q, q);
    norm(whole_y, y);
    for (i = 1; i <= order; i++)
    {
        mag_mul_ui(t, a.size + i, (ulong) i);
        mag_div_ui(t, t, (ulong) order + 1);
        for (l = 0; l <= order; l++)
        {
            mag_addmul(slope + i + l, t, q.size + l);
        }
        mag_mul(t, t, q.tail);
        mag_addmul(sum, t, whole_y);
    }
    for (i = 1; i <= 2 * order; i++)
    {
        mag_add(t, y.rest + FLINT_MAX(0, order + 1 - i), y.tail);
        mag_addmul(sum, slope + i, t);
    }
    mag_mul(t, a.tail, whole_q);
    mag_addmul(sum, t, whole_y);
    arb_set_fmpq(exponent, p, INVERSE_PRECISION);
    arb_get_mag(t, exponent);
    mag_mul(res, sum, t);
    arb_clear(exponent);
    mag_clear(sum);
    mag_clear(t);
    mag_clear(whole_q);
    mag_clear(whole_y);
    _mag_vec_clear(slope, 2 * order + 1);
}

/* Functions **********************************************************************************/

/* abs and relu are linear, and their derivatives constant, where the argument has no zero in the disc. */
static void kink_tail(mag_t res, caustic_op op, arb_srcptr a, caustic_tail_view bound)
{
    mag_t least, most;
    mag_init(least);
    mag_init(most);
    arb_get_mag_lower(least, a);
    mag_add(most, bound.rest + 1, bound.tail);
    if (mag_cmp(most, least) >= 0)
    {
        mag_inf(res);
    }
    else if (op == CAUSTIC_OP_ABS || (op == CAUSTIC_OP_RELU && arb_is_positive(a)))
    {
        mag_set(res, bound.tail);
    }
    else
    {
        mag_zero(res);
    }
    mag_clear(least);
    mag_clear(most);
}

/* y[3] = exp(-a^2): y' = 2/sqrt(pi) a' y[3], y[3]' = -(a^2)' y[3]; the coefficients of y[2] are -k (a^2)_k. */
static void erf_tails(mag_ptr res, const caustic_tail_view * y, caustic_tail_view a, slong order)
{
    slong j;
    mag_t t, square;
    mag_init(t);
    mag_init(square);
    caustic_tail_product(square, a, a, order);
    integral(res, a, y[3], order);
    mag_mul_ui(res, res, 9);
    mag_mul_2exp_si(res, res, -3); /* 2/sqrt(pi) < 9/8 (1 + 1/256) */
    mag_mul_2exp_si(t, res, -8);
    mag_add(res, res, t);
    mag_zero(res + 3);
    for (j = 1; j <= order; j++)
    {
        mag_add(t, y[3].rest + order + 1 - j, y[3].tail);
        mag_addmul(res + 3, t, y[2].size + j);
    }
    mag_div_ui(res + 3, res + 3, (ulong) order + 1);
    norm(t, y[3]);
    mag_addmul(res + 3, square, t);
    mag_clear(t);
    mag_clear(square);
}

/* Bounds of the function y[0] and of its auxiliary series y[1], ... as the machine keeps them, from bounds of the same: coefficient k of a
   function follows from earlier ones. The first auxiliary series, k a_k, is not needed. */
static void function_tails(mag_ptr res, caustic_op op, const caustic_tail_view * y, caustic_tail_view a, slong order)
{
    switch (op)
    {
        case CAUSTIC_OP_EXP:
            integral(res, a, y[0], order);
            break;
        case CAUSTIC_OP_SIN:
        case CAUSTIC_OP_COS:
        case CAUSTIC_OP_SINH:
        case CAUSTIC_OP_COSH:
            integral(res, a, y[2], order);
            integral(res + 2, a, y[0], order);
            break;
        case CAUSTIC_OP_TAN: /* y' = (1 + y^2) a' */
        case CAUSTIC_OP_TANH: /* y' = (1 - y^2) a' */
            integral(res, a, y[2], order);
            caustic_tail_product(res + 2, y[0], y[0], order);
            break;
        case CAUSTIC_OP_SIGMOID: /* y' = y (1 - y) a' */
            integral(res, a, y[3], order);
            mag_set(res + 2, y[0].tail);
            caustic_tail_product(res + 3, y[0], y[2], order);
            break;
        case CAUSTIC_OP_SOFTPLUS: /* y' = s a', s' = s (1 - s) a' */
            integral(res, a, y[2], order);
            integral(res + 2, a, y[4], order);
            mag_set(res + 3, y[2].tail);
            caustic_tail_product(res + 4, y[2], y[3], order);
            break;
        case CAUSTIC_OP_ERF:
            erf_tails(res, y, a, order);
            break;
        default:
            mag_inf(res);
            break;
    }
}

/* The machine ********************************************************************************/

/* Most series that belong to one function. */
#define FAMILY 5

/* How many: the function, k a_k, and what its equation needs besides. */
static slong family(const caustic_instruction * instruction)
{
    if (instruction->op == CAUSTIC_TAPE_POWER)
    {
        return 1;
    }
    switch (instruction->function)
    {
        case CAUSTIC_OP_EXP:
            return 1;
        case CAUSTIC_OP_SIGMOID:
        case CAUSTIC_OP_ERF:
            return 4;
        case CAUSTIC_OP_SOFTPLUS:
            return 5;
        default:
            return 3;
    }
}

/* Bounds that follow from themselves: numbers are sought that one more round does not raise. */
static void implicit_tails(caustic_tails_t tails, slong value, slong auxiliary, const caustic_instruction * instruction,
    const fmpq * exponent, slong inverse)
{
    caustic_tail_view y[FAMILY], a = operand(tails, instruction, 0);
    slong slot[FAMILY], length = family(instruction), i, round;
    mag_ptr next = _mag_vec_init(FAMILY);
    int bounded = 0;

    for (i = 0; i < length; i++)
    {
        slot[i] = i == 0 ? value : auxiliary + i - 1;
        y[i] = view(tails, slot[i]);
        mag_zero(tails->tail + slot[i]);
    }
    for (round = 0; round < ROUNDS && !bounded; round++)
    {
        if (instruction->op == CAUSTIC_TAPE_POWER)
        {
            power_tail(next, y[0], a, view(tails, inverse), exponent, tails->order);
        }
        else
        {
            function_tails(next, instruction->function, y, a, tails->order);
        }
        bounded = 1;
        for (i = 0; i < length; i++)
        {
            bounded = bounded && mag_cmp(next + i, y[i].tail) <= 0;
        }
        for (i = 0; i < length && !bounded; i++)
        {
            mag_mul_ui(next + i, next + i, 9);
            mag_mul_2exp_si(tails->tail + slot[i], next + i, -3);
        }
    }
    for (i = 0; i < length && !bounded; i++)
    {
        mag_inf(tails->tail + slot[i]);
    }
    _mag_vec_clear(next, FAMILY);
}

static void sum_tail(mag_t res, const caustic_tails_t tails, const caustic_instruction * instruction)
{
    slong i, c;
    mag_t t;
    mag_init(t);
    mag_zero(res);
    for (i = 0; i < instruction->length; i++)
    {
        caustic_tail_view a = operand(tails, instruction, i);
        c = tails->series->tape->coefficients[instruction->first + i];
        if (c < 0)
        {
            mag_add(res, res, a.tail);
        }
        else
        {
            arb_get_mag(t, tails->series->constants + c);
            mag_addmul(res, t, a.tail);
        }
    }
    mag_clear(t);
}

/* Factor by factor, as the machine multiplies. */
static void product_tail(caustic_tails_t tails, slong value, slong auxiliary, const caustic_instruction * instruction)
{
    caustic_tail_view partial = operand(tails, instruction, 0);
    slong i;
    mag_t t;
    mag_init(t);
    mag_set(t, partial.tail);
    for (i = 1; i < instruction->length; i++)
    {
        caustic_tail_product(t, partial, operand(tails, instruction, i), tails->order);
        if (i < instruction->length - 1)
        {
            mag_set(tails->tail + auxiliary + i - 1, t);
            partial = view(tails, auxiliary + i - 1);
        }
    }
    mag_set(tails->tail + value, t);
    if (instruction->constant >= 0)
    {
        arb_get_mag(t, tails->series->constants + instruction->constant);
        mag_mul(tails->tail + value, tails->tail + value, t);
    }
    mag_clear(t);
}

static int is_chain(const fmpq_t exponent)
{
    return fmpz_is_one(fmpq_denref(exponent)) && fmpz_sgn(fmpq_numref(exponent)) > 0
        && fmpz_bits(fmpq_numref(exponent)) <= 32;
}

static void power_tails(caustic_tails_t tails, slong i, const caustic_instruction * instruction)
{
    const fmpq * exponent = tails->series->tape->constants + instruction->constant;
    slong value = tails->series->tape->symbols + i, auxiliary = tails->series->auxiliary[i] / tails->series->capacity;
    if (is_chain(exponent))
    {
        chain_tail(tails, tails->tail + value, auxiliary, fmpz_get_ui(fmpq_numref(exponent)), operand(tails, instruction, 0));
    }
    else if (tails->inverse[i] == value)
    {
        mag_set(tails->tail + value, tails->tail + tails->inverse[i]);
    }
    else
    {
        implicit_tails(tails, value, auxiliary, instruction, exponent, tails->inverse[i]);
    }
}

static void function_tail(caustic_tails_t tails, slong i, const caustic_instruction * instruction)
{
    slong value = tails->series->tape->symbols + i, auxiliary = tails->series->auxiliary[i] / tails->series->capacity;
    caustic_tail_view a = operand(tails, instruction, 0);
    switch (instruction->function)
    {
        case CAUSTIC_OP_ABS:
        case CAUSTIC_OP_RELU:
        case CAUSTIC_OP_SIGN:
        case CAUSTIC_OP_STEP:
            kink_tail(tails->tail + value, instruction->function,
                tails->series->arena + tails->series->operands[instruction->first] * tails->series->capacity, a);
            break;
        case CAUSTIC_OP_LOG: /* y' = a'/a */
        case CAUSTIC_OP_ATAN: /* y' = a'/(1 + a^2) */
            integral(tails->tail + value, a, view(tails, tails->inverse[i]), tails->order);
            break;
        default:
            implicit_tails(tails, value, auxiliary, instruction, NULL, -1);
            break;
    }
}

/* What an instruction divides by: a slot, or -1. */
static slong divisor(const caustic_tails_t tails, slong i)
{
    const caustic_series_struct * series = tails->series;
    const caustic_instruction * instruction = series->tape->instructions + i;
    switch (instruction->op)
    {
        case CAUSTIC_TAPE_QUOTIENT:
            return series->operands[instruction->first + 1];
        case CAUSTIC_TAPE_POWER:
            return is_chain(series->tape->constants + instruction->constant) ? -1 : series->operands[instruction->first];
        case CAUSTIC_TAPE_FUNCTION:
            if (instruction->function == CAUSTIC_OP_LOG)
            {
                return series->operands[instruction->first];
            }
            /* the second auxiliary series of the arc tangent is 1 + a^2 */
            return instruction->function == CAUSTIC_OP_ATAN ? series->auxiliary[i] / series->capacity + 1 : -1;
        default:
            return -1;
    }
}

/* Bounds of the divisor that is no value, and of its inverse; 0: the divisor may have a zero in the disc. */
static int inverse_tails(caustic_tails_t tails, slong i, const caustic_instruction * instruction)
{
    slong slot = divisor(tails, i);
    if (slot < 0)
    {
        return 1;
    }
    if (slot >= tails->series->values)
    {
        caustic_tail_product(tails->tail + slot, operand(tails, instruction, 0), operand(tails, instruction, 0), tails->order);
    }
    inverse_tail(tails->tail + tails->inverse[i], view(tails, slot), view(tails, tails->inverse[i]), tails->order);
    return mag_is_finite(tails->tail + tails->inverse[i]);
}

static int is_bounded(caustic_tail_view a)
{
    return mag_is_finite(a.rest) && mag_is_finite(a.tail);
}

static void instruction_tail(caustic_tails_t tails, slong i)
{
    const caustic_series_struct * series = tails->series;
    const caustic_instruction * instruction = series->tape->instructions + i;
    slong value = series->tape->symbols + i, auxiliary = series->auxiliary[i] / series->capacity, j;
    int bounded = mag_is_finite(view(tails, value).rest);

    for (j = 0; j < instruction->length; j++)
    {
        bounded = bounded && is_bounded(operand(tails, instruction, j));
    }
    mag_inf(tails->tail + value);
    if (!bounded)
    {
        return;
    }
    if (!inverse_tails(tails, i, instruction))
    {
        return;
    }
    switch (instruction->op)
    {
        case CAUSTIC_TAPE_NUMBER:
        case CAUSTIC_TAPE_PI:
            mag_zero(tails->tail + value);
            break;
        case CAUSTIC_TAPE_SUM:
            sum_tail(tails->tail + value, tails, instruction);
            break;
        case CAUSTIC_TAPE_PRODUCT:
            product_tail(tails, value, auxiliary, instruction);
            break;
        case CAUSTIC_TAPE_QUOTIENT:
            quotient_tail(tails->tail + value, operand(tails, instruction, 0), operand(tails, instruction, 1), view(tails, value),
                view(tails, tails->inverse[i]), tails->order);
            break;
        case CAUSTIC_TAPE_POWER:
            power_tails(tails, i, instruction);
            break;
        case CAUSTIC_TAPE_FUNCTION:
            function_tail(tails, i, instruction);
            break;
    }
}

void caustic_tails_run(caustic_tails_t tails)
{
    slong i;
    for (i = 0; i < tails->series->tape->length; i++)
    {
        instruction_tail(tails, i);
    }
}

/* Making and unmaking ************************************************************************/

/* Where 1/v is kept, for every v that something is divided by, once. */
static void assign_inverses(caustic_tails_t tails, slong values)
{
    const caustic_tape * tape = tails->series->tape;
    slong i, j, slot;
    for (i = 0; i < tape->length; i++)
    {
        const caustic_instruction * instruction = tape->instructions + i;
        tails->inverse[i] = -1;
        slot = divisor(tails, i);
        if (slot < 0)
        {
            continue;
        }
        if (instruction->op == CAUSTIC_TAPE_POWER && fmpq_equal_si(tape->constants + instruction->constant, -1))
        {
            tails->inverse[i] = tape->symbols + i;
            continue;
        }
        for (j = 0; j < tails->inverses && tails->divisor[j] != slot; j++)
        {
        }
        if (j == tails->inverses)
        {
            tails->divisor[tails->inverses++] = slot;
        }
        tails->inverse[i] = values + j;
    }
}

void caustic_tails_init(caustic_tails_t tails, const caustic_series_t series, slong order, const mag_t radius)
{
    slong values = series->arena_length / series->capacity, i;
    fmpq_t minus_one;
    arb_ptr inverse = _arb_vec_init(order + 1);

    tails->series = series;
    tails->order = order;
    tails->inverses = 0;
    tails->inverse = flint_malloc(sizeof(slong) * (size_t) FLINT_MAX(1, series->tape->length));
    tails->divisor = flint_malloc(sizeof(slong) * (size_t) FLINT_MAX(1, series->tape->length));
    assign_inverses(tails, values);
    tails->slots = values + tails->inverses;
    tails->size = _mag_vec_init(tails->slots * (order + 1));
    tails->rest = _mag_vec_init(tails->slots * (order + 2));
    tails->tail = _mag_vec_init(tails->slots);
    fmpq_init(minus_one);
    fmpq_set_si(minus_one, -1, 1);
    for (i = 0; i < tails->slots; i++)
    {
        if (i >= values)
        {
            caustic_series_power(inverse, series->arena + tails->divisor[i - values] * series->capacity, minus_one, order + 1,
                INVERSE_PRECISION);
        }
        caustic_tail_sizes(tails->size + i * (order + 1), tails->rest + i * (order + 2),
            i < values ? series->arena + i * series->capacity : inverse, order, radius);
    }
    fmpq_clear(minus_one);
    _arb_vec_clear(inverse, order + 1);
}

void caustic_tails_clear(caustic_tails_t tails)
{
    _mag_vec_clear(tails->size, tails->slots * (tails->order + 1));
    _mag_vec_clear(tails->rest, tails->slots * (tails->order + 2));
    _mag_vec_clear(tails->tail, tails->slots);
    flint_free(tails->inverse);
    flint_free(tails->divisor);
}

mag_ptr caustic_tails_input(caustic_tails_t tails, slong i)
{
    return tails->tail + i;
}

caustic_tail_view caustic_tails_root(const caustic_tails_t tails, slong i)
{
    return view(tails, tails->series->roots[i]);
}
