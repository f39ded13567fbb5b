/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    parse: the expression language of case files.

    Operators and values wait on two stacks of our own, so that depth costs no C stack. A chain of
    terms or of factors is one operator that collects its operands, and is built in one call.
*/

#include <stdlib.h>
#include <string.h>
#include "expression/pool_internal.h"

/* Reading characters *****************************************************************************/

typedef struct
{
    slong line;
    slong column;
}
place;

typedef enum
{
    PENDING_PARENTHESIS,
    PENDING_FUNCTION, /* name( */
    PENDING_ROWS,     /* mean( or sum( */
    PENDING_SUM,      /* operands: values from `start` on */
    PENDING_MINUS,    /* a sign before a term: -a*b is -(a*b) */
    PENDING_PLUS,
    PENDING_PRODUCT,
    PENDING_TIGHT_MINUS, /* a sign after * / or ^: a/-b*c is (a/(-b))*c */
    PENDING_TIGHT_PLUS,
    PENDING_POWER
}
pending_kind;

typedef struct
{
    pending_kind kind;
    place at;
    caustic_op function;
    int mean;     /* of ROWS: mean, else sum */
    int inverted; /* of SUM: the last operand is subtracted; of PRODUCT: divided by */
    place last;   /* of SUM and PRODUCT: the operator before the last operand */
    slong start;
}
pending;

typedef struct
{
    caustic_pool * pool;
    const caustic_scope * scope;
    const char * file;
    caustic_error_struct * error;
    const char * text;
    size_t length;
    size_t position;
    place here;           /* of text[position] */
    caustic_expr * values;
    slong values_length;
    slong values_capacity;
    pending * pending;
    slong pending_length;
    slong pending_capacity;
    slong depth;          /* parentheses, functions, signs and powers that are open */
    slong tokens;         /* operands and operators so far */
    slong digits;         /* of all numbers so far, written out */
    size_t nodes_before;  /* of the pool */
    const char * rows_name; /* "mean" or "sum" while inside; else NULL */
    caustic_expr * columns; /* placeholders of the data columns, made when first needed */
    slong lookups;        /* of names so far */
    const caustic_name ** sorted; /* the names of the scope in order, for long scopes */
}
parser;

#define NAME_SHOWN 40 /* characters of a name that a message repeats */

/* Sets the error at a place and gives CAUSTIC_BAD_INPUT. */
#define fail(p, at, ...) \
    caustic_error_set((p)->error, CAUSTIC_BAD_INPUT, (p)->file, (at).line, (at).column, __VA_ARGS__)

static char current(const parser * p)
{
    return p->position < p->length ? p->text[p->position] : '\0';
}

static char following(const parser * p)
{
    return p->position + 1 < p->length ? p->text[p->position + 1] : '\0';
}

static void advance(parser * p)
{
    if (p->text[p->position] == '\n')
    {
        p->here.line++;
        p->here.column = 1;
    }
    else
    {
        p->here.column++;
    }
    p->position++;
}

static void skip_space(parser * p)
{
    while (current(p) == ' ' || current(p) == '\t' || current(p) == '\n' || current(p) == '\r')
        advance(p);
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What stands at the current position, as a message may show it. */
static void describe_character(caustic_text_t out, const parser * p)
{
    unsigned char c = (unsigned char) current(p);
    const unsigned char * s = (const unsigned char *) p->text + p->position;
    size_t left = p->length - p->position;

    if (p->position >= p->length)
        caustic_text_append(out, "the end of the expression");
    else if (c >= 0x20 && c < 0x7f)
        caustic_text_printf(out, "'%c'", c);
    else if (c < 0x20 || c == 0x7f)
        caustic_text_printf(out, "the control character \\x%02x", c);
    else if (c >= 0xc2 && c < 0xe0 && left >= 2 && (s[1] & 0xc0) == 0x80)
        caustic_text_printf(out, "the character U+%04X", (c & 0x1fu) << 6 | (s[1] & 0x3fu));
    else if (c >= 0xe0 && c < 0xf0 && left >= 3 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80)
        caustic_text_printf(out, "the character U+%04X", (c & 0xfu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu));
    else
        caustic_text_printf(out, "the byte \\x%02x", c);
}

static const char * advice_for_character(const parser * p)
{
    static const struct { const char * bytes; const char * advice; } known[] = {
        { "\xc2\xb7", "; write * for a product" }, { "\xc3\x97", "; write * for a product" },
        { "\xe2\x88\x92", "; write - for a minus" }, { "\xe2\x80\x93", "; write - for a minus" },
        { "\xc3\xb7", "; write / for a quotient" },
        { "\xc2\xb2", "; write ^2" }, { "\xc2\xb3", "; write ^3" }, { "\xcf\x80", "; write pi" },
        { "\xe2\x88\x9a", "; write sqrt(...)" }, { "[", "; group with ( )" }, { "]", "; group with ( )" },
        { "{", "; group with ( )" }, { "}", "; group with ( )" },
        { ",", "; decimals have a point, and functions one argument" },
        { "=", "; one expression is expected here, not an equation" },
        { "_", "; names are a letter then letters and digits" },
        { ".", "; a decimal starts with a digit: 0.5" } };
    size_t i, left = p->length - p->position;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i].bytes) <= left && strncmp(known[i].bytes, p->text + p->position, strlen(known[i].bytes)) == 0)
            return known[i].advice;
    return "";
}

/* "expected X, found Y" at the current position. */
static caustic_result fail_here(parser * p, const char * expected)
{
    caustic_text_t found;
    caustic_result result;

    caustic_text_init(found);
    describe_character(found, p);
    result = fail(p, p->here, "expected %s, found %s%s", expected, found->data, advice_for_character(p));
    caustic_text_clear(found);
    return result;
}

/* Numbers ****************************************************************************************/

/* A short text with many exponents could ask for more memory than there is. */
#define DIGITS_TOGETHER (1000 * CAUSTIC_NUMBER_DIGITS)

/* digits [. digits] [e [sign] digits], exactly. The size is bounded before anything is computed. */
static caustic_result read_number(fmpq_t value, parser * p)
{
    place at = p->here;
    caustic_text_t digits;
    slong decimals = 0, exponent = 0;
    int negative = 0;
    caustic_result result = CAUSTIC_OK;
    fmpz_t power;

    caustic_text_init(digits);
    fmpz_init(power);
    for (; is_digit(current(p)); advance(p))
        caustic_text_append_length(digits, p->text + p->position, 1);
    if (current(p) == '.')
    {
        advance(p);
        if (!is_digit(current(p)))
        {
            result = fail_here(p, "a digit after the decimal point");
            goto done;
        }
        for (; is_digit(current(p)); advance(p), decimals++)
            caustic_text_append_length(digits, p->text + p->position, 1);
    }
    if ((current(p) == 'e' || current(p) == 'E')
        && (is_digit(following(p)) || ((following(p) == '-' || following(p) == '+')
            && p->position + 2 < p->length && is_digit(p->text[p->position + 2]))))
    {
        advance(p);
        negative = current(p) == '-';
        if (!is_digit(current(p)))
            advance(p);
        for (; is_digit(current(p)); advance(p))
            if (exponent < 1000000)
                exponent = 10 * exponent + (current(p) - '0');
    }
    if (digits->length > CAUSTIC_NUMBER_DIGITS || exponent > CAUSTIC_NUMBER_DIGITS
        || (negative ? decimals : (slong) digits->length) + exponent > CAUSTIC_NUMBER_DIGITS)
    {
        result = fail(p, at, "this number has more than %d digits, the limit", CAUSTIC_NUMBER_DIGITS);
        goto done;
    }
    p->digits += (slong) digits->length + exponent;
    if (p->digits > DIGITS_TOGETHER)
    {
        result = fail(p, at, "the numbers up to here have more than %d digits together, the limit", DIGITS_TOGETHER);
        goto done;
    }
    fmpz_set_str(fmpq_numref(value), digits->data, 10);
    fmpz_one(fmpq_denref(value));
    if (negative)
        exponent = -exponent;
    exponent -= decimals;
    fmpz_ui_pow_ui(power, 10, (ulong) FLINT_ABS(exponent));
    if (exponent >= 0)
        fmpq_mul_fmpz(value, value, power);
    else
        fmpq_div_fmpz(value, value, power);
done:
    caustic_text_clear(digits);
    fmpz_clear(power);
    return result;
}

/* Names ******************************************************************************************/

/* The word at the current position is read; the text of it lasts as long as the parser's. */
static size_t read_word(parser * p)
{
    size_t start = p->position;

    while (is_letter(current(p)) || is_digit(current(p)) || current(p) == '_')
        advance(p);
    return p->position - start;
}

static int same_name(const char * name, const char * word, size_t length)
{
    return strncmp(name, word, length) == 0 && name[length] == '\0';
}

static int compare_scope_names(const void * a, const void * b)
{
    return strcmp((*(const caustic_name * const *) a)->name, (*(const caustic_name * const *) b)->name);
}

static const caustic_name * find_name(parser * p, const char * word, size_t length)
{
    slong i, low, high;

    if (p->scope == NULL)
        return NULL;
    /* sorting pays only when it is used often */
    if (p->scope->length < 16 || p->lookups++ < 8)
    {
        for (i = 0; i < p->scope->length; i++)
            if (same_name(p->scope->names[i].name, word, length))
                return p->scope->names + i;
        return NULL;
    }
    if (p->sorted == NULL)
    {
        p->sorted = flint_malloc(p->scope->length * sizeof(const caustic_name *));
        for (i = 0; i < p->scope->length; i++)
            p->sorted[i] = p->scope->names + i;
        qsort(p->sorted, p->scope->length, sizeof(const caustic_name *), compare_scope_names);
    }
    low = 0;
    high = p->scope->length;
    while (low < high)
    {
        slong middle = low + (high - low) / 2;
        int order = strncmp(p->sorted[middle]->name, word, length);

        if (order == 0 && p->sorted[middle]->name[length] == '\0')
            return p->sorted[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static slong find_column(const parser * p, const char * word, size_t length)
{
    const caustic_data * data = p->scope == NULL ? NULL : p->scope->data;
    slong i;

    for (i = 0; data != NULL && i < data->columns; i++)
        if (same_name(data->names[i], word, length))
            return i;
    return -1;
}

static caustic_op find_function(const char * word, size_t length)
{
    caustic_op op;

    for (op = CAUSTIC_OP_EXP; op <= CAUSTIC_OP_RELU; op++)
        if (same_name(pool_function_name(op), word, length))
            return op;
    return (caustic_op) 0;
}

/* Letters to change, insert, leave out or swap to get from one short word to the other. */
static slong edit_distance(const char * a, size_t m, const char * b, size_t n)
{
    slong row[3][34];
    size_t i, j;

    if (m > 32 || n > 32)
        return 100;
    for (j = 0; j <= n; j++)
        row[0][j] = (slong) j;
    for (i = 1; i <= m; i++)
    {
        slong * now = row[i % 3], * before = row[(i + 2) % 3], * two = row[(i + 1) % 3];

        now[0] = (slong) i;
        for (j = 1; j <= n; j++)
        {
            slong best = before[j - 1] + (a[i - 1] != b[j - 1]);

            best = FLINT_MIN(best, before[j] + 1);
            best = FLINT_MIN(best, now[j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = FLINT_MIN(best, two[j - 2] + 1);
            now[j] = best;
        }
    }
    return row[m % 3][n];
}

static void offer(const char ** best, slong * distance, const char * candidate, const char * word, size_t length)
{
    slong d = edit_distance(candidate, strlen(candidate), word, length);

    if (d < *distance && d <= (length <= 4 ? 1 : length <= 8 ? 2 : 3) && d < (slong) FLINT_MAX(length, strlen(candidate)))
    {
        *distance = d;
        *best = candidate;
    }
}

static const char * similar_function(const char * word, size_t length)
{
    static const struct { const char * other; const char * ours; } aliases[] = {
        { "ln", "log" }, { "arctan", "atan" }, { "logistic", "sigmoid" }, { "expit", "sigmoid" }, { "fabs", "abs" },
        { "root", "sqrt" }, { "avg", "mean" }, { "average", "mean" }, { "total", "sum" }, { "arctg", "atan" } };
    const char * best = NULL;
    slong distance = 100;
    size_t i;
    caustic_op op;

    for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        if (same_name(aliases[i].other, word, length))
            return aliases[i].ours;
    for (op = CAUSTIC_OP_EXP; op <= CAUSTIC_OP_RELU; op++)
        offer(&best, &distance, pool_function_name(op), word, length);
    offer(&best, &distance, "sqrt", word, length);
    offer(&best, &distance, "mean", word, length);
    offer(&best, &distance, "sum", word, length);
    return best;
}

static void append_word(caustic_text_t out, const char * word, size_t length)
{
    caustic_text_append_length(out, word, FLINT_MIN(length, NAME_SHOWN));
    if (length > NAME_SHOWN)
        caustic_text_append(out, "...");
}

#define NAMES_LISTED 12

static caustic_result fail_undeclared(parser * p, place at, const char * word, size_t length)
{
    caustic_text_t message;
    caustic_result result;
    const char * best = NULL;
    slong i, distance = 100, count = p->scope == NULL ? 0 : p->scope->length;

    caustic_text_init(message);
    caustic_text_append(message, "undeclared symbol '");
    append_word(message, word, length);
    caustic_text_append(message, "'");
    for (i = 0; i < count; i++)
        offer(&best, &distance, p->scope->names[i].name, word, length);
    if (best != NULL)
        caustic_text_printf(message, " (did you mean '%s'?)", best);
    else if (similar_function(word, length) != NULL)
        caustic_text_printf(message, " (there is a function %s(...))", similar_function(word, length));
    if (count == 0)
        caustic_text_append(message, "; no symbols are declared here");
    else
        caustic_text_append(message, "; declared here are: ");
    for (i = 0; i < count && i < NAMES_LISTED; i++)
        caustic_text_printf(message, "%s%s", i > 0 ? ", " : "", p->scope->names[i].name);
    if (count > NAMES_LISTED)
        caustic_text_printf(message, " and " WORD_FMT "d more", count - NAMES_LISTED);
    result = fail(p, at, "%s", message->data);
    caustic_text_clear(message);
    return result;
}

/* A name followed by an opening parenthesis that is no function. */
static caustic_result fail_call(parser * p, place at, const char * word, size_t length)
{
    caustic_text_t message;
    caustic_result result;
    const char * similar = similar_function(word, length);

    caustic_text_init(message);
    if (find_name(p, word, length) != NULL || same_name("pi", word, length))
    {
        caustic_text_append(message, "'");
        append_word(message, word, length);
        caustic_text_append(message, "' is not a function; for a product write ");
        append_word(message, word, length);
        caustic_text_append(message, "*(...)");
    }
    else
    {
        caustic_text_append(message, "unknown function '");
        append_word(message, word, length);
        caustic_text_append(message, "'");
        if (similar != NULL)
            caustic_text_printf(message, "; did you mean %s(...)?", similar);
        else
            caustic_text_append(message, "; there are exp, log, sqrt, sin, cos, tan, atan, sinh, cosh, tanh, "
                "sigmoid, softplus, erf, abs, relu, and over data rows mean and sum");
    }
    result = fail(p, at, "%s", message->data);
    caustic_text_clear(message);
    return result;
}

/* Stacks *****************************************************************************************/

static void push_value(parser * p, caustic_expr e)
{
    if (p->values_length == p->values_capacity)
    {
        p->values_capacity = FLINT_MAX(16, 2 * p->values_capacity);
        p->values = flint_realloc(p->values, p->values_capacity * sizeof(caustic_expr));
    }
    p->values[p->values_length++] = e;
}

static pending * top(parser * p)
{
    return p->pending_length > 0 ? p->pending + p->pending_length - 1 : NULL;
}

static int counts_as_depth(pending_kind kind)
{
    return kind != PENDING_SUM && kind != PENDING_PRODUCT;
}

static caustic_result push_pending(parser * p, pending_kind kind, place at)
{
    pending * entry;

    if (counts_as_depth(kind) && ++p->depth > CAUSTIC_EXPRESSION_DEPTH)
        return fail(p, at, "the expression is nested more than %d deep (parentheses, functions, signs and powers counted)",
            CAUSTIC_EXPRESSION_DEPTH);
    if (p->pending_length == p->pending_capacity)
    {
        p->pending_capacity = FLINT_MAX(16, 2 * p->pending_capacity);
        p->pending = flint_realloc(p->pending, p->pending_capacity * sizeof(pending));
    }
    entry = p->pending + p->pending_length++;
    memset(entry, 0, sizeof(pending));
    entry->kind = kind;
    entry->at = at;
    entry->last = at;
    return CAUSTIC_OK;
}

static void pop_pending(parser * p)
{
    p->pending_length--;
    if (counts_as_depth(p->pending[p->pending_length].kind))
        p->depth--;
}

/* Building ***************************************************************************************/

/* The pool could not make an expression: says why. */
static caustic_result fail_construction(parser * p, place at)
{
    switch (p->pool->failure)
    {
        case FAILURE_DIVISION_BY_ZERO:
            return fail(p, at, "division by zero");
        case FAILURE_ZERO_TO_ZERO:
            return fail(p, at, "0^0 is not defined");
        case FAILURE_ROOT_OF_NEGATIVE:
            return fail(p, at, "a power with a fraction as exponent needs a base that is not negative");
        case FAILURE_LOG_OF_NONPOSITIVE:
            return fail(p, at, "the logarithm of a number that is not positive");
        case FAILURE_SIGN_OF_ZERO:
            return fail(p, at, "the sign of zero is not defined");
        case FAILURE_NUMBER_TOO_LARGE:
            return fail(p, at, "a number here has more than %d digits, the limit", CAUSTIC_NUMBER_DIGITS);
        case FAILURE_EXPONENT_TOO_LARGE:
            return fail(p, at, "an exponent here is beyond %d, the limit", CAUSTIC_EXPONENT_LIMIT);
        default:
            return fail(p, at, "this is nowhere defined");
    }
}

static caustic_result fail_nodes(parser * p, place at)
{
    return fail(p, at, "the expression has more than %d nodes, the limit", CAUSTIC_EXPRESSION_NODES);
}

/* Canonical forms take a few nodes more than what is written; far more cannot be meant. */
#define NODES_ON_THE_WAY 10

static caustic_result check_nodes(parser * p, place at)
{
    if (p->tokens > 2 * CAUSTIC_EXPRESSION_NODES
        || p->pool->length - p->nodes_before > NODES_ON_THE_WAY * (size_t) CAUSTIC_EXPRESSION_NODES)
        return fail_nodes(p, at);
    return CAUSTIC_OK;
}

static caustic_result replace_value(parser * p, caustic_expr e, place at)
{
    if (e == CAUSTIC_NONE)
        return fail_construction(p, at);
    p->values[p->values_length - 1] = e;
    return check_nodes(p, at);
}

static caustic_result reduce_power(parser * p, place at)
{
    caustic_expr exponent = p->values[--p->values_length];
    const fmpq * e;

    if (!pool_is_number(p->pool, exponent))
        return fail(p, at, "exponents are rational numbers; write exp(b*log(a)) for a^b");
    e = pool_get(p->pool, exponent)->value;
    return replace_value(p, caustic_power(p->pool, p->values[p->values_length - 1], e), at);
}

/* Applies the operator before the last operand of a chain to that operand. */
static caustic_result finish_operand(parser * p, const pending * chain)
{
    caustic_expr * last = p->values + p->values_length - 1;

    if (!chain->inverted)
        return CAUSTIC_OK;
    if (chain->kind == PENDING_SUM)
        return replace_value(p, caustic_neg(p->pool, *last), chain->last);
    return replace_value(p, caustic_power_si(p->pool, *last, -1), chain->last);
}

/* Takes the topmost pending operator, which is no parenthesis, and builds its value. */
static caustic_result reduce_top(parser * p)
{
    pending entry = *top(p);
    caustic_result result = CAUSTIC_OK;
    caustic_expr e;
    slong count;

    pop_pending(p);
    switch (entry.kind)
    {
        case PENDING_POWER:
            return reduce_power(p, entry.at);
        case PENDING_MINUS: case PENDING_TIGHT_MINUS:
            return replace_value(p, caustic_neg(p->pool, p->values[p->values_length - 1]), entry.at);
        case PENDING_SUM: case PENDING_PRODUCT:
            result = finish_operand(p, &entry);
            if (result != CAUSTIC_OK)
                return result;
            count = p->values_length - entry.start;
            if (entry.kind == PENDING_SUM)
                e = caustic_sum(p->pool, p->values + entry.start, count);
            else
                e = caustic_product(p->pool, p->values + entry.start, count);
            p->values_length = entry.start + 1;
            return replace_value(p, e, entry.last);
        default:
            return CAUSTIC_OK; /* a plus sign */
    }
}

static int binds_at_least(pending_kind waiting, pending_kind arriving)
{
    static const int strength[] = { 0, 0, 0, 1, 2, 2, 3, 4, 4, 5 };

    return strength[waiting] >= strength[arriving];
}

/* A binary + - * /. */
static caustic_result chain_operator(parser * p, pending_kind kind, int inverted, place at)
{
    caustic_result result = CAUSTIC_OK;

    while (top(p) != NULL && binds_at_least(top(p)->kind, kind) && top(p)->kind != kind)
    {
        result = reduce_top(p);
        if (result != CAUSTIC_OK)
            return result;
    }
    if (top(p) != NULL && top(p)->kind == kind)
    {
        result = finish_operand(p, top(p));
    }
    else
    {
        result = push_pending(p, kind, at);
        if (result == CAUSTIC_OK)
            top(p)->start = p->values_length - 1;
    }
    if (result == CAUSTIC_OK)
    {
        top(p)->inverted = inverted;
        top(p)->last = at;
    }
    return result;
}

/* Data rows **************************************************************************************/

/* The symbol that stands for a column while the inner text is read. '#' is in no name. */
static caustic_expr column_placeholder(parser * p, slong column)
{
    const caustic_data * data = p->scope->data;
    caustic_text_t name;
    slong i;

    if (p->columns == NULL)
    {
        p->columns = flint_malloc(data->columns * sizeof(caustic_expr));
        caustic_text_init(name);
        for (i = 0; i < data->columns; i++)
        {
            caustic_text_reset(name);
            caustic_text_printf(name, "#%s", data->names[i]);
            p->columns[i] = caustic_symbol(p->pool, name->data);
        }
        caustic_text_clear(name);
    }
    return p->columns[column];
}

/* The top value, an expression in the placeholders, becomes its mean or sum over the rows. */
static caustic_result expand_rows(parser * p, const pending * entry)
{
    const caustic_data * data = p->scope->data;
    caustic_expr inner = p->values[p->values_length - 1], * terms, e;
    caustic_result result = CAUSTIC_OK;
    slong i;
    fmpq_t weight;

    fmpq_init(weight);
    terms = flint_malloc(FLINT_MAX(data->rows, 1) * sizeof(caustic_expr));
    for (i = 0; i < data->rows && result == CAUSTIC_OK; i++)
    {
        if (p->columns == NULL)
            terms[i] = inner;
        else
            terms[i] = caustic_substitute(p->pool, inner, p->columns, data->entries + i * data->columns, data->columns);
        if (terms[i] == CAUSTIC_NONE)
        {
            caustic_error_t reason;

            /* the same reason, with the row in front */
            caustic_error_init(reason);
            fail_construction(p, entry->at);
            caustic_error_set(reason, CAUSTIC_BAD_INPUT, p->file, entry->at.line, entry->at.column,
                "data row " WORD_FMT "d: %s", i + 1, p->error->message);
            result = fail(p, entry->at, "%s", reason->message);
            caustic_error_clear(reason);
        }
        else
        {
            result = check_nodes(p, entry->at);
        }
    }
    if (result == CAUSTIC_OK)
    {
        e = caustic_sum(p->pool, terms, data->rows);
        if (entry->mean)
        {
            fmpq_set_si(weight, 1, data->rows);
            e = caustic_mul(p->pool, caustic_number(p->pool, weight), e);
        }
        result = replace_value(p, e, entry->at);
    }
    flint_free(terms);
    fmpq_clear(weight);
    return result;
}

/* The grammar ************************************************************************************/

static caustic_result open_rows(parser * p, place at, int mean)
{
    caustic_result result;

    if (p->scope == NULL || p->scope->data == NULL)
        return fail(p, at, "%s(...) runs over data rows, and there is no data here", mean ? "mean" : "sum");
    if (p->rows_name != NULL)
        return fail(p, at, "mean and sum cannot stand inside %s(...)", p->rows_name);
    if (p->scope->data->rows == 0)
        return fail(p, at, "%s(...) over data without rows", mean ? "mean" : "sum");
    result = push_pending(p, PENDING_ROWS, at);
    if (result == CAUSTIC_OK)
    {
        top(p)->mean = mean;
        p->rows_name = mean ? "mean" : "sum";
    }
    return result;
}

/* A name where an operand is expected. Sets *opened where it opened a parenthesis. */
static caustic_result read_name(parser * p, int * opened)
{
    place at = p->here;
    const char * word = p->text + p->position;
    size_t length = read_word(p);
    caustic_op function = find_function(word, length);
    int is_sqrt = same_name("sqrt", word, length), mean = same_name("mean", word, length);
    int rows = mean || same_name("sum", word, length), call;
    const caustic_name * name;
    slong column;
    caustic_text_t shown;
    caustic_result result;

    *opened = 0;
    skip_space(p);
    call = current(p) == '(';
    name = find_name(p, word, length);
    column = find_column(p, word, length);

    if (function != 0 || is_sqrt || rows)
    {
        if (!call)
        {
            caustic_text_init(shown);
            append_word(shown, word, length);
            result = fail(p, at, "'%s' is a function and needs an argument in parentheses: %s(...)", shown->data, shown->data);
            caustic_text_clear(shown);
            return result;
        }
        advance(p);
        *opened = 1;
        if (rows)
            return open_rows(p, at, mean);
        result = push_pending(p, PENDING_FUNCTION, at);
        if (result == CAUSTIC_OK)
            top(p)->function = is_sqrt ? CAUSTIC_OP_POWER : function;
        return result;
    }
    if (memchr(word, '_', length) != NULL && (p->scope == NULL || !p->scope->derivatives) && name == NULL)
        return fail(p, at, "a name with '_' stands for a derivative, which cannot occur here; names are a letter "
            "then letters and digits");
    if (call)
        return fail_call(p, at, word, length);
    if (same_name("pi", word, length))
    {
        push_value(p, caustic_pi(p->pool));
        return CAUSTIC_OK;
    }
    if (column >= 0 && (p->rows_name != NULL || name == NULL))
    {
        if (p->rows_name == NULL)
            return fail(p, at, "'%s' is a data column; it has a value only inside mean(...) or sum(...)",
                p->scope->data->names[column]);
        if (name != NULL)
            return fail(p, at, "'%s' is both a data column and a declared symbol; rename one of them", name->name);
        push_value(p, column_placeholder(p, column));
        return CAUSTIC_OK;
    }
    if (name == NULL)
        return fail_undeclared(p, at, word, length);
    push_value(p, name->value);
    return CAUSTIC_OK;
}

/* Operands: signs, numbers, names, and what opens a parenthesis. */
static caustic_result read_operand(parser * p, int * complete)
{
    place at = p->here;
    char c = current(p);
    caustic_result result;
    int opened;
    fmpq_t value;

    *complete = 0;
    if (c == '+' || c == '-')
    {
        int tight = top(p) != NULL && binds_at_least(top(p)->kind, PENDING_PRODUCT);

        advance(p);
        return push_pending(p, c == '-' ? (tight ? PENDING_TIGHT_MINUS : PENDING_MINUS)
            : (tight ? PENDING_TIGHT_PLUS : PENDING_PLUS), at);
    }
    if (c == '(')
    {
        advance(p);
        return push_pending(p, PENDING_PARENTHESIS, at);
    }
    if (is_digit(c))
    {
        fmpq_init(value);
        result = read_number(value, p);
        if (result == CAUSTIC_OK)
            push_value(p, caustic_number(p->pool, value));
        fmpq_clear(value);
        *complete = 1;
        return result;
    }
    if (is_letter(c))
    {
        result = read_name(p, &opened);
        *complete = !opened;
        return result;
    }
    if (c == '*' && p->position > 0 && p->text[p->position - 1] == '*')
        return fail(p, at, "expected an operand, found a second '*'; write ^ for a power");
    if (c == ')' && top(p) != NULL && top(p)->kind == PENDING_FUNCTION)
        return fail(p, at, "the function has no argument");
    return fail_here(p, "a number, a name, a sign or '('");
}

static caustic_result close_parenthesis(parser * p)
{
    pending entry;
    caustic_expr e;
    caustic_result result;

    while (top(p) != NULL && !binds_at_least(PENDING_PARENTHESIS, top(p)->kind))
    {
        result = reduce_top(p);
        if (result != CAUSTIC_OK)
            return result;
    }
    if (top(p) == NULL)
        return fail(p, p->here, "this ')' closes nothing");
    advance(p);
    entry = *top(p);
    pop_pending(p);
    if (entry.kind == PENDING_PARENTHESIS)
        return CAUSTIC_OK;
    if (entry.kind == PENDING_ROWS)
    {
        p->rows_name = NULL;
        return expand_rows(p, &entry);
    }
    if (entry.function == CAUSTIC_OP_POWER)
        e = caustic_sqrt(p->pool, p->values[p->values_length - 1]);
    else
        e = caustic_function(p->pool, entry.function, p->values[p->values_length - 1]);
    return replace_value(p, e, entry.at);
}

/* What may follow an operand. Sets *closed where another operand is not expected next. */
static caustic_result read_operator(parser * p, int * closed)
{
    place at = p->here;
    char c = current(p);

    *closed = 0;
    switch (c)
    {
        case '+': case '-':
            advance(p);
            return chain_operator(p, PENDING_SUM, c == '-', at);
        case '*': case '/':
            advance(p);
            return chain_operator(p, PENDING_PRODUCT, c == '/', at);
        case '^':
            advance(p);
            return push_pending(p, PENDING_POWER, at);
        case ')':
            *closed = 1;
            return close_parenthesis(p);
        default:
            break;
    }
    if (is_letter(c) || is_digit(c) || c == '(')
    {
        const char * before = p->text + p->position, * word = before;
        slong size = 0;
        caustic_text_t message;
        caustic_result result;

        /* show what stands on both sides where it is short: "2z", "write 2*z" */
        while (before > p->text && size < 12 && (is_letter(before[-1]) || is_digit(before[-1]) || before[-1] == '.'))
        {
            before--;
            size++;
        }
        caustic_text_init(message);
        caustic_text_append(message, "an operator is missing here; products are written with *");
        if (size > 0 && size < 12 && (is_letter(c) || c == '('))
        {
            size_t right = 0;

            while (word + right < p->text + p->length && right < 12 && (is_letter(word[right]) || is_digit(word[right])))
                right++;
            caustic_text_append(message, ": ");
            caustic_text_append_length(message, before, (size_t) size);
            caustic_text_append(message, "*");
            if (c == '(')
                caustic_text_append(message, "(...)");
            else
                caustic_text_append_length(message, word, right);
        }
        result = fail(p, at, "%s", message->data);
        caustic_text_clear(message);
        return result;
    }
    return fail_here(p, "an operator or the end");
}

static caustic_result fail_unclosed(parser * p)
{
    slong i;

    for (i = p->pending_length - 1; i >= 0; i--)
        if (p->pending[i].kind <= PENDING_ROWS)
            return fail(p, p->pending[i].at, "the parenthesis that opens here is never closed");
    return CAUSTIC_OK;
}

static int ends(parser * p)
{
    skip_space(p);
    return p->position >= p->length;
}

static caustic_result parse_all(caustic_expr * result, parser * p)
{
    caustic_result status = CAUSTIC_OK;
    int complete = 0, closed;

    if (ends(p))
        return fail(p, p->here, "an expression is expected here, and the text is empty");
    while (status == CAUSTIC_OK)
    {
        if (++p->tokens > 2 * CAUSTIC_EXPRESSION_NODES)
            return fail_nodes(p, p->here);
        if (!complete)
        {
            if (ends(p))
                return fail_here(p, "a number, a name, a sign or '('");
            status = read_operand(p, &complete);
        }
        else
        {
            if (ends(p))
                break;
            status = read_operator(p, &closed);
            complete = closed;
        }
    }
    if (status == CAUSTIC_OK)
        status = fail_unclosed(p);
    while (status == CAUSTIC_OK && top(p) != NULL)
        status = reduce_top(p);
    if (status == CAUSTIC_OK && caustic_expr_nodes(p->pool, p->values[0]) > CAUSTIC_EXPRESSION_NODES)
        status = fail_nodes(p, p->here);
    if (status == CAUSTIC_OK)
        *result = p->values[0];
    return status;
}

static caustic_result parse_range(caustic_expr * result, caustic_pool * pool, const char * text,
    size_t length, const caustic_scope * scope, const char * file, place start, caustic_error_t error)
{
    parser p;
    caustic_result status;
    ulong number_bits = pool->number_bits, exponent_limit = pool->exponent_limit;

    memset(&p, 0, sizeof(parser));
    p.pool = pool;
    p.scope = scope;
    p.file = file;
    p.error = error;
    p.text = text;
    p.length = length;
    p.here = start;
    p.nodes_before = pool->length;
    pool->failure = FAILURE_NONE;
    pool->number_bits = PARSER_NUMBER_BITS;
    pool->exponent_limit = CAUSTIC_EXPONENT_LIMIT;
    *result = CAUSTIC_NONE;
    status = parse_all(result, &p);
    pool->number_bits = number_bits;
    pool->exponent_limit = exponent_limit;
    flint_free(p.values);
    flint_free(p.pending);
    flint_free(p.columns);
    flint_free(p.sorted);
    return status;
}

static place place_of(const caustic_origin * origin)
{
    place at = { 1, 1 };

    if (origin != NULL)
    {
        at.line = origin->line;
        at.column = origin->column;
    }
    return at;
}

static const char * file_of(const caustic_origin * origin)
{
    return origin == NULL ? NULL : origin->file;
}

caustic_result caustic_parse(caustic_expr * result, caustic_pool * pool, const char * text,
    const caustic_scope * scope, const caustic_origin * origin, caustic_error_t error)
{
    return parse_range(result, pool, text, strlen(text), scope, file_of(origin), place_of(origin), error);
}

/* Moves a place over the characters of a text. */
static place move(place at, const char * text, size_t length)
{
    parser p;

    memset(&p, 0, sizeof(parser));
    p.text = text;
    p.length = length;
    p.here = at;
    while (p.position < length)
        advance(&p);
    return p.here;
}

caustic_result caustic_parse_equation(caustic_expr * left, caustic_expr * right,
    caustic_pool * pool, const char * text, const caustic_scope * scope,
    const caustic_origin * origin, caustic_error_t error)
{
    const char * sign = strchr(text, '='), * second;
    place start = place_of(origin), at;
    caustic_result result;

    *left = *right = CAUSTIC_NONE;
    if (sign == NULL)
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, file_of(origin), start.line, start.column,
            "an equation is expected here: left = right");
    second = strchr(sign + 1, '=');
    if (second != NULL)
    {
        at = move(start, text, (size_t) (second - text));
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, file_of(origin), at.line, at.column,
            "an equation has one '=', and this is the second");
    }
    result = parse_range(left, pool, text, (size_t) (sign - text), scope, file_of(origin), start, error);
    if (result != CAUSTIC_OK)
        return result;
    at = move(start, text, (size_t) (sign - text) + 1);
    result = parse_range(right, pool, sign + 1, strlen(sign + 1), scope, file_of(origin), at, error);
    if (result != CAUSTIC_OK)
        *left = CAUSTIC_NONE;
    return result;
}

/* [sign] decimal */
static caustic_result read_signed_number(fmpq_t value, parser * p)
{
    int minus = 0;
    caustic_result result;

    skip_space(p);
    if (current(p) == '-' || current(p) == '+')
    {
        minus = current(p) == '-';
        advance(p);
    }
    if (!is_digit(current(p)))
        return fail_here(p, "a number such as 3, 0.05, 1e-30 or 1/20");
    result = read_number(value, p);
    if (minus)
        fmpq_neg(value, value);
    skip_space(p);
    return result;
}

caustic_result caustic_parse_fmpq(fmpq_t result, const char * text, const caustic_origin * origin,
    caustic_error_t error)
{
    parser p;
    place at;
    caustic_result status;
    fmpq_t value, divisor;

    memset(&p, 0, sizeof(parser));
    p.text = text;
    p.length = strlen(text);
    p.file = file_of(origin);
    p.here = place_of(origin);
    p.error = error;
    fmpq_init(value);
    fmpq_init(divisor);
    status = read_signed_number(value, &p);
    if (status == CAUSTIC_OK && current(&p) == '/')
    {
        at = p.here;
        advance(&p);
        status = read_signed_number(divisor, &p);
        if (status == CAUSTIC_OK && fmpq_is_zero(divisor))
            status = fail(&p, at, "division by zero");
        if (status == CAUSTIC_OK)
            fmpq_div(value, value, divisor);
    }
    if (status == CAUSTIC_OK && p.position < p.length)
        status = fail_here(&p, "the end of the number");
    if (status == CAUSTIC_OK)
        fmpq_set(result, value);
    fmpq_clear(value);
    fmpq_clear(divisor);
    return status;
}
