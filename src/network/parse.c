/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The language of forward expressions: that of expressions, on arrays. Operators wait on a stack of our own,
    so that depth costs no C stack.
*/

#include <string.h>
#include "network/network_internal.h"
#include "expression/pool_internal.h"

typedef enum
{
    OPEN_GROUP = 0,
    OPEN_LIST,
    OPEN_CALL,
    WAITING_SUM,     /* operands: values from `start` on, each with its sign */
    WAITING_PRODUCT, /* * / @ */
    WAITING_SIGN,
    WAITING_POWER
}
waiting_kind;

typedef struct
{
    waiting_kind kind;
    slong line, column;
    slong start;      /* values before it */
    char op;          /* of PRODUCT and SIGN */
    char minus;       /* of SUM: the sign of the operand that is being read */
    caustic_op map;   /* of CALL: an entrywise function, CAUSTIC_OP_POWER for sqrt; 0 for one of the table */
    slong function;   /* of CALL: its place in the table */
}
waiting_struct;

typedef struct
{
    builder b[1];
    caustic_network_scope * scope;
    const char * text;
    size_t at;
    slong line, column;             /* of text[at] */
    caustic_tensor_struct * value;
    char * minus;                   /* beside each value: whether a sum that waits subtracts it */
    slong values, values_room;
    waiting_struct * waiting;
    slong waitings, waitings_room;
    slong tokens;
}
parser;

#define DEPTH_LIMIT CAUSTIC_EXPRESSION_DEPTH

/* Characters *************************************************************************************/

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void advance(parser * p)
{
    p->column++;
    if (p->text[p->at] == '\n')
    {
        p->line++;
        p->column = 1;
    }
    p->at++;
}

static void skip_space(parser * p)
{
    while (p->text[p->at] != '\0' && strchr(" \t\r\n", p->text[p->at]) != NULL)
        advance(p);
}

/* What is complained about next stands here. */
static void point_here(parser * p)
{
    p->b->line = p->line;
    p->b->column = p->column;
}

static void point_at(parser * p, const waiting_struct * w)
{
    p->b->line = w->line;
    p->b->column = w->column;
}

static caustic_result fail_here(parser * p, const char * expected)
{
    unsigned char c = (unsigned char) p->text[p->at];

    point_here(p);
    if (c == '\0')
        return fail(p->b, "expected %s, found the end of the expression", expected);
    if (c < 0x20 || c >= 0x7f)
        return fail(p->b, "expected %s, found a character that has no meaning here", expected);
    return fail(p->b, "expected %s, found '%c'", expected, c);
}

/* Stacks *****************************************************************************************/

/* A new value on the stack: a scalar without entries yet. */
static caustic_tensor_struct * push_value(parser * p)
{
    if (p->values == p->values_room)
    {
        p->values_room = 2 * p->values_room + 16;
        p->value = flint_realloc(p->value, (size_t) p->values_room * sizeof(caustic_tensor_struct));
        p->minus = flint_realloc(p->minus, (size_t) p->values_room);
    }
    caustic_tensor_init(p->value + p->values);
    p->minus[p->values] = 0;
    return p->value + p->values++;
}

static void push_scalar(parser * p, caustic_expr e)
{
    push_value(p)->entry[0] = e;
}

/* The last values become one. */
static void replace_values(parser * p, slong from, caustic_tensor_t result)
{
    while (p->values > from)
        caustic_tensor_clear(p->value + --p->values);
    *push_value(p)->entry = CAUSTIC_NONE;
    caustic_tensor_set(p->value + from, result);
}

static waiting_struct * top(parser * p)
{
    return p->waitings > 0 ? p->waiting + p->waitings - 1 : NULL;
}

static caustic_result push_waiting(parser * p, waiting_kind kind)
{
    waiting_struct * w;

    point_here(p);
    if (p->waitings >= DEPTH_LIMIT)
        return fail(p->b, "the expression is nested more than %d deep (parentheses, functions, signs and powers counted)", DEPTH_LIMIT);
    if (p->waitings == p->waitings_room)
    {
        p->waitings_room = 2 * p->waitings_room + 16;
        p->waiting = flint_realloc(p->waiting, (size_t) p->waitings_room * sizeof(waiting_struct));
    }
    w = p->waiting + p->waitings++;
    memset(w, 0, sizeof(*w));
    w->kind = kind;
    w->line = p->line;
    w->column = p->column;
    w->start = p->values;
    return CAUSTIC_OK;
}

/* Operators **************************************************************************************/

static int strength(waiting_kind kind)
{
    return kind < WAITING_SUM ? 0 : kind == WAITING_SUM ? 1 : kind == WAITING_PRODUCT ? 2 : kind == WAITING_SIGN ? 3 : 4;
}

static caustic_result apply_top(parser * p, caustic_tensor_struct * out, const waiting_struct * w)
{
    const caustic_tensor_struct * last = p->value + p->values - 1;

    switch (w->kind)
    {
        case WAITING_SUM:
            return tensor_add(out, p->b, p->value + w->start, p->minus + w->start, p->values - w->start);
        case WAITING_PRODUCT:
            return w->op == '@' ? tensor_product(out, p->b, last - 1, last) : tensor_binary(out, p->b, w->op, last - 1, last);
        case WAITING_POWER:
            return tensor_power(out, p->b, last - 1, last);
        default:
            return tensor_negate(out, p->b, last);
    }
}

/* Takes the topmost operator, which is no parenthesis, and makes its value. */
static caustic_result reduce_top(parser * p)
{
    waiting_struct w = *top(p);
    slong from = w.kind == WAITING_SUM ? w.start : p->values - (w.kind == WAITING_SIGN ? 1 : 2);
    caustic_tensor_t out;
    caustic_result result;

    p->waitings--;
    if (w.kind == WAITING_SUM)
        p->minus[p->values - 1] = w.minus;
    if (w.kind == WAITING_SIGN && w.op == '+')
        return CAUSTIC_OK;
    caustic_tensor_init(out);
    point_at(p, &w);
    result = apply_top(p, out, &w);
    if (result == CAUSTIC_OK)
        replace_values(p, from, out);
    caustic_tensor_clear(out);
    return result;
}

static caustic_result reduce_to(parser * p, int least)
{
    while (top(p) != NULL && top(p)->kind >= WAITING_SUM && strength(top(p)->kind) >= least)
        TRY(reduce_top(p));
    return CAUSTIC_OK;
}

/* + and - gather their operands; the others take two. */
static caustic_result read_binary(parser * p, char op)
{
    if (op == '+' || op == '-')
    {
        TRY(reduce_to(p, strength(WAITING_PRODUCT)));
        if (top(p) == NULL || top(p)->kind != WAITING_SUM)
        {
            TRY(push_waiting(p, WAITING_SUM));
            top(p)->start = p->values - 1;
        }
        p->minus[p->values - 1] = top(p)->minus;
        top(p)->minus = op == '-';
    }
    else if (op == '^')
    {
        TRY(push_waiting(p, WAITING_POWER));
    }
    else
    {
        TRY(reduce_to(p, strength(WAITING_PRODUCT)));
        TRY(push_waiting(p, WAITING_PRODUCT));
        top(p)->op = op;
    }
    advance(p);
    return CAUSTIC_OK;
}

/* Operands ***************************************************************************************/

/* Digits, a point, an exponent: the text goes to the reader of numbers. */
static caustic_result read_number(parser * p)
{
    size_t start = p->at;
    caustic_origin origin = {p->b->file, p->line, p->column};
    caustic_text_t digits;
    caustic_result result;
    fmpq_t value;

    while (is_digit(p->text[p->at]) || p->text[p->at] == '.')
        advance(p);
    if ((p->text[p->at] == 'e' || p->text[p->at] == 'E')
        && (is_digit(p->text[p->at + 1])
            || ((p->text[p->at + 1] == '-' || p->text[p->at + 1] == '+') && is_digit(p->text[p->at + 2]))))
    {
        advance(p);
        do
            advance(p);
        while (is_digit(p->text[p->at]));
    }

    caustic_text_init(digits);
    fmpq_init(value);
    caustic_text_append_length(digits, p->text + start, p->at - start);
    result = caustic_parse_fmpq(value, digits->data, &origin, p->b->error);
    if (result == CAUSTIC_OK)
    {
        push_scalar(p, caustic_number(p->b->pool, value));
        p->b->work += (slong) (fmpz_bits(fmpq_numref(value)) + fmpz_bits(fmpq_denref(value))) / 64;
        p->b->column = origin.column;
        p->b->line = origin.line;
        result = tensor_finish(p->value + p->values - 1, p->b);
    }
    fmpq_clear(value);
    caustic_text_clear(digits);
    return result;
}

static int same_word(const char * name, const char * word, size_t length)
{
    return strncmp(name, word, length) == 0 && name[length] == '\0';
}

/* The entrywise function of that name, 0 where there is none. */
static caustic_op find_map(const char * word, size_t length)
{
    for (caustic_op op = CAUSTIC_OP_EXP; op <= CAUSTIC_OP_RELU; op++)
        if (same_word(pool_function_name(op), word, length))
            return op;
    return same_word("sqrt", word, length) ? CAUSTIC_OP_POWER : (caustic_op) 0;
}

static slong find_function(const char * word, size_t length)
{
    for (slong i = 0; i < network_functions_length; i++)
        if (same_word(network_functions[i].name, word, length))
            return i;
    return -1;
}

int caustic_network_is_function(const char * name)
{
    return find_map(name, strlen(name)) != 0 || find_function(name, strlen(name)) >= 0;
}

static caustic_result push_name(parser * p, const char * word, size_t length)
{
    const caustic_data * data = p->scope->data;
    caustic_expr scalar = p->scope->scalar == NULL ? CAUSTIC_NONE : p->scope->scalar(p->scope->scalars, word, length);

    if (scalar != CAUSTIC_NONE)
    {
        push_scalar(p, scalar);
        return CAUSTIC_OK;
    }
    for (slong i = 0; i < p->scope->length; i++)
    {
        if (same_word(p->scope->names[i].name, word, length))
        {
            p->b->work += FLINT_MAX(p->scope->names[i].value.rows, 1) * p->scope->names[i].value.entries;
            caustic_tensor_set(push_value(p), &p->scope->names[i].value);
            return tensor_finish(p->value + p->values - 1, p->b);
        }
    }
    for (slong i = 0; data != NULL && i < data->columns; i++)
    {
        if (same_word(data->names[i], word, length))
        {
            caustic_tensor_struct * column = push_value(p);

            TRY(tensor_room(column, p->b, 0, NULL, data->rows));
            for (slong row = 0; row < data->rows; row++)
                column->entry[row] = data->entries[row * data->columns + i];
            return CAUSTIC_OK;
        }
    }
    if (same_word("pi", word, length))
    {
        push_scalar(p, caustic_pi(p->b->pool));
        return CAUSTIC_OK;
    }
    return fail(p->b, "undeclared name '%.*s'; declared are the network's parameters, the steps before this one, the constants"
        " and the data columns", (int) FLINT_MIN(length, 40), word);
}

/* A name, or a function and its parenthesis. */
static caustic_result read_word(parser * p, int * complete)
{
    const char * word = p->text + p->at;
    size_t length = 0, left;
    caustic_op map;
    slong function;

    point_here(p);
    while (is_letter(word[length]) || is_digit(word[length]) || word[length] == '_')
        length++;
    map = find_map(word, length);
    function = find_function(word, length);
    if (map != 0 || function >= 0)
    {
        TRY(push_waiting(p, OPEN_CALL));
        top(p)->map = map;
        top(p)->function = function;
    }
    for (left = length; left > 0; left--)
        advance(p);
    skip_space(p);
    *complete = map == 0 && function < 0;
    if (*complete && p->text[p->at] == '(')
        return fail(p->b, "there is no function of this name; docs/case-files.md lists them, and products are written with * or @");
    if (*complete)
        return push_name(p, word, length);
    if (p->text[p->at] != '(')
        return fail(p->b, "this is a function and needs arguments in parentheses");
    advance(p);
    return CAUSTIC_OK;
}

static caustic_result read_operand(parser * p, int * complete)
{
    char c = p->text[p->at];

    *complete = 0;
    if (c == '+' || c == '-')
    {
        TRY(push_waiting(p, WAITING_SIGN));
        top(p)->op = c;
        advance(p);
        return CAUSTIC_OK;
    }
    if (c == '(' || c == '[')
    {
        TRY(push_waiting(p, c == '(' ? OPEN_GROUP : OPEN_LIST));
        advance(p);
        return CAUSTIC_OK;
    }
    if (is_digit(c))
    {
        *complete = 1;
        return read_number(p);
    }
    if (is_letter(c))
        return read_word(p, complete);
    return fail_here(p, "a number, a name, a function, a sign, '(' or '['");
}

/* What closes, and commas ************************************************************************/

/* How an opening at the top of the stack closes: ')' or ']'. */
static char closing(const waiting_struct * w)
{
    return w->kind == OPEN_LIST ? ']' : ')';
}

static caustic_result call(parser * p, const waiting_struct * w)
{
    slong length = p->values - w->start;
    const network_function * f = w->map != 0 ? NULL : network_functions + w->function;
    slong least = f == NULL ? 1 : f->least, most = f == NULL ? 1 : f->most;
    caustic_tensor_t out;
    caustic_result result;

    point_at(p, w);
    if (w->kind == OPEN_CALL && (length < least || length > most))
        return fail(p->b, least == most ? "expected " WORD_FMT "d argument%s, found " WORD_FMT "d"
            : "expected " WORD_FMT "d or more argument%s, found " WORD_FMT "d", least, least == 1 ? "" : "s", length);
    caustic_tensor_init(out);
    result = w->kind == OPEN_LIST ? tensor_stack(out, p->b, p->value + w->start, length)
        : f == NULL ? tensor_map(out, p->b, w->map, p->value + w->start) : f->apply(out, p->b, p->value + w->start, length);
    if (result == CAUSTIC_OK)
        replace_values(p, w->start, out);
    caustic_tensor_clear(out);
    return result;
}

static caustic_result close(parser * p, char c)
{
    waiting_struct w;

    TRY(reduce_to(p, 1));
    point_here(p);
    if (top(p) == NULL || closing(top(p)) != c)
        return fail(p->b, "this '%c' closes nothing", c);
    w = *top(p);
    p->waitings--;
    advance(p);
    return w.kind == OPEN_GROUP ? CAUSTIC_OK : call(p, &w);
}

static caustic_result read_comma(parser * p)
{
    TRY(reduce_to(p, 1));
    point_here(p);
    if (top(p) == NULL || top(p)->kind == OPEN_GROUP)
        return fail(p->b, "a comma stands between arguments of a function or entries of a list [a, b]; decimals have a point");
    advance(p);
    return CAUSTIC_OK;
}

/* Indices ****************************************************************************************/

/* An integer from 1 to the axis's length, counted from 0 in the result. */
static caustic_result read_index(slong * index, parser * p, slong length, slong axis)
{
    slong value = 0;

    skip_space(p);
    point_here(p);
    if (!is_digit(p->text[p->at]))
        return fail_here(p, "an index, counted from 1, or ':' for all of the axis");
    for (; is_digit(p->text[p->at]); advance(p))
        value = value > length ? value : 10 * value + (p->text[p->at] - '0');
    skip_space(p);
    if (value < 1 || value > length)
        return fail(p->b, "index out of range: axis " WORD_FMT "d has entries 1 to " WORD_FMT "d", axis + 1, length);
    *index = value - 1;
    return CAUSTIC_OK;
}

/* n, n:m or : */
static caustic_result read_indices(slong * first, slong * last, int * keep, parser * p, slong length, slong axis)
{
    *first = 0;
    *last = length - 1;
    *keep = 1;
    skip_space(p);
    if (p->text[p->at] == ':')
    {
        advance(p);
        skip_space(p);
        return CAUSTIC_OK;
    }
    TRY(read_index(first, p, length, axis));
    *last = *first;
    *keep = p->text[p->at] == ':';
    if (!*keep)
        return CAUSTIC_OK;
    advance(p);
    TRY(read_index(last, p, length, axis));
    return *first <= *last ? CAUSTIC_OK : fail(p->b, "the range of indices is empty; expected first:last");
}

/* x[i, j, ...]; axes that are not named are kept whole. */
static caustic_result read_part(parser * p)
{
    slong first[CAUSTIC_TENSOR_RANK], last[CAUSTIC_TENSOR_RANK], axis = 0, value = p->values - 1;
    slong line = p->line, column = p->column;
    const caustic_tensor_struct * x = p->value + value;
    int keep[CAUSTIC_TENSOR_RANK];
    caustic_tensor_t out;
    caustic_result result;

    for (slong k = 0; k < x->rank; k++)
    {
        first[k] = 0;
        last[k] = x->shape[k] - 1;
        keep[k] = 1;
    }
    do
    {
        point_here(p);
        advance(p);
        if (axis == x->rank)
            return fail(p->b, "too many indices: there are " WORD_FMT "d axes", x->rank);
        TRY(read_indices(first + axis, last + axis, keep + axis, p, x->shape[axis], axis));
        axis++;
    }
    while (p->text[p->at] == ',');
    if (p->text[p->at] != ']')
        return fail_here(p, "',' or ']' after an index");
    advance(p);
    p->b->line = line;
    p->b->column = column;
    caustic_tensor_init(out);
    result = tensor_part(out, p->b, x, first, last, keep);
    if (result == CAUSTIC_OK)
        caustic_tensor_set(p->value + value, out);
    caustic_tensor_clear(out);
    return result;
}

/* The whole **************************************************************************************/

/* What may follow an operand. */
static caustic_result read_operator(parser * p, int * complete)
{
    char c = p->text[p->at];

    *complete = 0;
    if (c != '\0' && strchr("+-*/@^", c) != NULL)
        return read_binary(p, c);
    if (c == ',')
        return read_comma(p);
    *complete = 1;
    if (c == ')' || c == ']')
        return close(p, c);
    if (c == '[')
        return read_part(p);
    if (is_letter(c) || is_digit(c) || c == '(')
        return fail_here(p, "an operator; products are written with * or @");
    return fail_here(p, "an operator or the end");
}

static caustic_result parse_all(parser * p)
{
    int complete = 0;

    for (skip_space(p); p->text[p->at] != '\0' || !complete; skip_space(p))
    {
        point_here(p);
        if (++p->tokens > 2 * CAUSTIC_EXPRESSION_NODES)
            return fail(p->b, "the expression has more than %d nodes, the limit", CAUSTIC_EXPRESSION_NODES);
        TRY(complete ? read_operator(p, &complete) : read_operand(p, &complete));
    }
    TRY(reduce_to(p, 1));
    if (top(p) != NULL)
    {
        point_at(p, top(p));
        return fail(p->b, "what opens here is never closed");
    }
    return CAUSTIC_OK;
}

caustic_result caustic_network_parse(caustic_tensor_t result, caustic_pool * pool, const char * text,
    caustic_network_scope * scope, const caustic_origin * origin, caustic_error_t error)
{
    ulong number_bits = pool->number_bits, exponent_limit = pool->exponent_limit;
    caustic_result status;
    parser p;

    memset(&p, 0, sizeof(p));
    p.scope = scope;
    p.text = text;
    p.line = origin == NULL ? 1 : origin->line;
    p.column = origin == NULL ? 1 : origin->column;
    p.b->pool = pool;
    p.b->data = scope->data;
    p.b->work = scope->work;
    p.b->nodes_before = pool->length;
    p.b->file = origin == NULL ? NULL : origin->file;
    p.b->error = error;

    pool->number_bits = PARSER_NUMBER_BITS;
    pool->exponent_limit = CAUSTIC_EXPONENT_LIMIT;
    status = parse_all(&p);
    pool->number_bits = number_bits;
    pool->exponent_limit = exponent_limit;

    if (status == CAUSTIC_OK)
        caustic_tensor_set(result, p.value);
    scope->work = p.b->work;
    while (p.values > 0)
        caustic_tensor_clear(p.value + --p.values);
    flint_free(p.value);
    flint_free(p.minus);
    flint_free(p.waiting);
    return status;
}
