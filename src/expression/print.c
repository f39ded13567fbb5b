/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    print: expressions as text that parses back, and as LaTeX.

    A stack of pieces yet to be written takes the place of recursion.
*/

#include <string.h>
#include "expression/pool_internal.h"

#define PRINT_LIMIT (1 << 20) /* written out, shared subexpressions can grow exponentially */

/* What binds how tightly; an expression of a lower level than asked for gets parentheses. */
enum
{
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_POWER,
    LEVEL_ATOM
};

typedef enum
{
    PIECE_TEXT,        /* text */
    PIECE_NODE,        /* e, in parentheses if its level is below `level` */
    PIECE_TERM,        /* a term of a sum; `text` is " + ", or "" for the first */
    PIECE_NUMERATOR,   /* |numerator| of the number e */
    PIECE_DENOMINATOR,
    PIECE_EXPONENT     /* |exponent| of the power e */
}
piece_kind;

typedef struct
{
    piece_kind kind;
    caustic_expr e;
    int level;
    const char * text;
}
piece;

typedef struct
{
    const caustic_pool * pool;
    caustic_text_struct * out;
    int latex;
    piece * stack;
    slong length;
    slong capacity;
    slong mark; /* pieces above it are in the order of reading, and are turned round */
}
writer;

static void push(writer * w, piece_kind kind, caustic_expr e, int level, const char * text)
{
    piece * p;

    if (w->length == w->capacity)
    {
        w->capacity = FLINT_MAX(64, 2 * w->capacity);
        w->stack = flint_realloc(w->stack, w->capacity * sizeof(piece));
    }
    p = w->stack + w->length++;
    p->kind = kind;
    p->e = e;
    p->level = level;
    p->text = text;
}

static void push_text(writer * w, const char * text)
{
    push(w, PIECE_TEXT, CAUSTIC_NONE, 0, text);
}

static void push_node(writer * w, caustic_expr e, int level)
{
    push(w, PIECE_NODE, e, level, NULL);
}

static void turn_round(writer * w)
{
    slong i = w->mark, j = w->length - 1;

    for (; i < j; i++, j--)
    {
        piece p = w->stack[i];

        w->stack[i] = w->stack[j];
        w->stack[j] = p;
    }
}

/* Numbers and names ******************************************************************************/

static void write_fmpz(writer * w, const fmpz_t n)
{
    char * digits = fmpz_get_str(NULL, 10, n);

    caustic_text_append(w->out, digits + (digits[0] == '-'));
    flint_free(digits);
}

/* |q|, as an exponent is written. */
static void write_exponent(writer * w, const fmpq * q)
{
    int fraction = !fmpz_is_one(fmpq_denref(q));

    caustic_text_append(w->out, w->latex ? "^{" : fraction ? "^(" : "^");
    write_fmpz(w, fmpq_numref(q));
    if (fraction)
    {
        caustic_text_append(w->out, "/");
        write_fmpz(w, fmpq_denref(q));
    }
    caustic_text_append(w->out, w->latex ? "}" : fraction ? ")" : "");
}

static const char * const greek_names[] = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi", "Omega", NULL };

static size_t count_digits(const char * text, size_t length)
{
    size_t digits = 0;

    while (digits < length && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    return digits;
}

/* Where the digits at the end of a name begin, and those that an x keeps apart: the 3x12 of w3x12. */
static size_t subscript_of(const char * name, size_t length)
{
    size_t begin = length, letters = 0, first;

    while (begin > 0 && name[begin - 1] >= '0' && name[begin - 1] <= '9')
        begin--;
    while (letters < length && (name[letters] < '0' || name[letters] > '9'))
        letters++;
    first = count_digits(name + letters, length - letters);
    if (letters > 0 && first > 0 && letters + first + 1 == begin && name[begin - 1] == 'x' && begin < length)
        return letters;
    return begin;
}

/* A letter, a Greek letter or a word, with digits as a subscript: z1, m11, w3x12, beta, loss. */
static void write_latex_stem(writer * w, const char * name, size_t length)
{
    size_t letters = subscript_of(name, length), digits = length - letters, first;
    slong i;

    for (i = 0; greek_names[i] != NULL; i++)
        if (strlen(greek_names[i]) == letters && strncmp(greek_names[i], name, letters) == 0)
            break;
    if (greek_names[i] != NULL)
        caustic_text_append(w->out, "\\");
    else if (letters > 1)
        caustic_text_append(w->out, "\\mathrm{");
    caustic_text_append_length(w->out, name, letters);
    if (greek_names[i] == NULL && letters > 1)
        caustic_text_append(w->out, "}");
    if (digits > 0)
    {
        first = count_digits(name + letters, digits);
        caustic_text_append(w->out, "_{");
        caustic_text_append_length(w->out, name + letters, first);
        if (first < digits)
        {
            caustic_text_append(w->out, ",");
            caustic_text_append_length(w->out, name + letters + first + 1, digits - first - 1);
        }
        caustic_text_append(w->out, "}");
    }
}

/* Whether text begins with the same subscript as p, underscore included, and no longer one. */
static int is_subscript(const char * text, const char * p, size_t length)
{
    return strncmp(text, p, length) == 0 && (text[length] == '_' || text[length] == '\0');
}

/* u_z_z is u_{z z}; of v_z_t the first subscript names the component: \partial_{t} v_{z};
   a derivative that is repeated has an exponent: \partial_{z}^{2} v_{z}. */
static void write_latex_name(writer * w, const char * name)
{
    size_t stem = strcspn(name, "_"), first, repeated;
    const char * rest = name + stem, * p;

    if (*rest == '\0')
    {
        write_latex_stem(w, name, stem);
        return;
    }
    first = strcspn(rest + 1, "_");
    if (stem == 1 && name[0] == 'v')
    {
        for (p = rest + 1 + first; *p == '_'; p += repeated * (1 + strcspn(p + 1, "_")))
        {
            size_t length = 1 + strcspn(p + 1, "_");

            for (repeated = 1; is_subscript(p + repeated * length, p, length); repeated++)
                ;
            caustic_text_append(w->out, "\\partial_{");
            write_latex_stem(w, p + 1, length - 1);
            caustic_text_append(w->out, "}");
            if (repeated > 1)
                caustic_text_printf(w->out, "^{%ld}", (long) repeated);
            caustic_text_append(w->out, " ");
        }
        caustic_text_append(w->out, "v_{");
        write_latex_stem(w, rest + 1, first);
        caustic_text_append(w->out, "}");
        return;
    }
    write_latex_stem(w, name, stem);
    caustic_text_append(w->out, "_{");
    for (p = rest; *p == '_'; p += 1 + strcspn(p + 1, "_"))
    {
        if (p != rest)
            caustic_text_append(w->out, " ");
        write_latex_stem(w, p + 1, strcspn(p + 1, "_"));
    }
    caustic_text_append(w->out, "}");
}

/* Structure **************************************************************************************/

static const char * open_parenthesis(const writer * w)
{
    return w->latex ? "\\left(" : "(";
}

static const char * close_parenthesis(const writer * w)
{
    return w->latex ? "\\right)" : ")";
}

static int is_sign(const caustic_pool * pool, caustic_expr e)
{
    return pool_op(pool, e) == CAUSTIC_OP_SIGN || pool_op(pool, e) == CAUSTIC_OP_STEP;
}

static int is_half(const fmpq * q)
{
    return fmpz_is_pm1(fmpq_numref(q)) && fmpz_equal_ui(fmpq_denref(q), 2);
}

static int has_negative_exponent(const caustic_pool * pool, caustic_expr e)
{
    return pool_op(pool, e) == CAUSTIC_OP_POWER && fmpq_sgn(pool_get(pool, e)->value) < 0;
}

static int level_of(const caustic_pool * pool, caustic_expr e)
{
    switch (pool_op(pool, e))
    {
        case CAUSTIC_OP_NUMBER:
            return fmpq_sgn(pool_get(pool, e)->value) < 0 ? LEVEL_SUM
                : fmpz_is_one(fmpq_denref(pool_get(pool, e)->value)) ? LEVEL_ATOM : LEVEL_PRODUCT;
        case CAUSTIC_OP_SUM:
            return LEVEL_SUM;
        case CAUSTIC_OP_PRODUCT:
            return pool_leads_with_minus(pool, e) ? LEVEL_SUM : LEVEL_PRODUCT;
        case CAUSTIC_OP_POWER:
            if (has_negative_exponent(pool, e))
                return LEVEL_PRODUCT;
            return is_half(pool_get(pool, e)->value) ? LEVEL_ATOM : LEVEL_POWER;
        case CAUSTIC_OP_SIGN: case CAUSTIC_OP_STEP:
            return LEVEL_PRODUCT;
        default:
            return LEVEL_ATOM;
    }
}

/* base^|exponent| */
static void push_power(writer * w, caustic_expr e)
{
    const fmpq * exponent = pool_get(w->pool, e)->value;
    caustic_expr base = pool_child(w->pool, e);

    if (is_half(exponent))
    {
        push_text(w, w->latex ? "\\sqrt{" : "sqrt(");
        push_node(w, base, LEVEL_SUM);
        push_text(w, w->latex ? "}" : ")");
    }
    else if (fmpz_is_pm1(fmpq_numref(exponent)) && fmpz_is_one(fmpq_denref(exponent)))
    {
        push_node(w, base, LEVEL_POWER);
    }
    else
    {
        /* A power as the base needs its own parentheses: ^ associates to the right. */
        push_node(w, base, LEVEL_ATOM);
        push(w, PIECE_EXPONENT, e, 0, NULL);
    }
}

/* The denominator of a power with exponent -1 stands alone in \frac. */
static void push_inverse(writer * w, caustic_expr e, int alone)
{
    const fmpq * exponent = pool_get(w->pool, e)->value;

    if (alone && w->latex && fmpz_is_pm1(fmpq_numref(exponent)) && fmpz_is_one(fmpq_denref(exponent)))
        push_node(w, pool_child(w->pool, e), LEVEL_SUM);
    else
        push_power(w, e);
}

static const char * function_opening(const writer * w, caustic_op op)
{
    static const char * const latex[] = { "\\exp\\left(", "\\log\\left(", "\\sin\\left(", "\\cos\\left(",
        "\\tan\\left(", "\\arctan\\left(", "\\sinh\\left(", "\\cosh\\left(", "\\tanh\\left(", "\\sigma\\left(",
        "\\operatorname{softplus}\\left(", "\\operatorname{erf}\\left(", "\\left|",
        "\\operatorname{relu}\\left(" };
    static const char * const text[] = { "exp(", "log(", "sin(", "cos(", "tan(", "atan(", "sinh(", "cosh(",
        "tanh(", "sigmoid(", "softplus(", "erf(", "abs(", "relu(" };

    return w->latex ? latex[op - CAUSTIC_OP_EXP] : text[op - CAUSTIC_OP_EXP];
}

static void push_function(writer * w, caustic_op op, caustic_expr argument)
{
    push_text(w, function_opening(w, op));
    push_node(w, argument, LEVEL_SUM);
    push_text(w, op == CAUSTIC_OP_ABS && w->latex ? "\\right|" : close_parenthesis(w));
}

/* abs(x) of sign(x), relu(x) of step(x). */
static void push_sign_numerator(writer * w, caustic_expr e)
{
    push_function(w, pool_op(w->pool, e) == CAUSTIC_OP_SIGN ? CAUSTIC_OP_ABS : CAUSTIC_OP_RELU, pool_child(w->pool, e));
}

/* Two factors beside each other. A number after a number needs a dot in LaTeX. */
static void push_times(writer * w, int * first, int number)
{
    if (!*first)
        push_text(w, !w->latex ? "*" : number ? " \\cdot " : " ");
    *first = 0;
}

static int starts_with_digit(const caustic_pool * pool, caustic_expr e)
{
    if (pool_op(pool, e) == CAUSTIC_OP_POWER && !is_half(pool_get(pool, e)->value))
        e = pool_child(pool, e);
    return pool_is_number(pool, e);
}

#define LONG_SUM 25 /* nodes */

/* A long sum stands beside a LaTeX fraction rather than in it, where no line can be broken. */
static int stands_beside(const writer * w, caustic_expr factor)
{
    return w->latex && pool_op(w->pool, factor) == CAUSTIC_OP_SUM && caustic_expr_nodes(w->pool, factor) > LONG_SUM;
}

/* |coefficient| * factors as a fraction. `c` is a number or CAUSTIC_NONE for 1. */
static void push_fraction(writer * w, caustic_expr c, const caustic_expr * factors, slong length)
{
    const caustic_pool * pool = w->pool;
    slong i, above = 0, below = 0, beside = 0;
    int first, scaled, divided;

    for (i = 0; i < length; i++)
    {
        int inverse = has_negative_exponent(pool, factors[i]), sign = is_sign(pool, factors[i]);

        above += !inverse;
        below += inverse || sign;
        beside += stands_beside(w, factors[i]);
    }
    scaled = c != CAUSTIC_NONE && !fmpz_is_pm1(fmpq_numref(pool_get(pool, c)->value));
    divided = c != CAUSTIC_NONE && !fmpz_is_one(fmpq_denref(pool_get(pool, c)->value));
    below += divided;

    if (w->latex && below > 0)
        push_text(w, "\\frac{");
    first = 1;
    if (scaled)
    {
        push_times(w, &first, 0);
        push(w, PIECE_NUMERATOR, c, 0, NULL);
    }
    for (i = 0; i < length; i++)
    {
        if (has_negative_exponent(pool, factors[i]) || (below > 0 && stands_beside(w, factors[i])))
            continue;
        push_times(w, &first, starts_with_digit(pool, factors[i]));
        if (is_sign(pool, factors[i]))
            push_sign_numerator(w, factors[i]);
        else
            push_node(w, factors[i], w->latex && above == 1 && !scaled && below > 0 ? LEVEL_SUM : LEVEL_POWER);
    }
    if (first)
        push_text(w, "1");
    if (below == 0)
        return;

    push_text(w, w->latex ? "}{" : below > 1 ? "/(" : "/");
    first = 1;
    if (divided)
    {
        push_times(w, &first, 0);
        push(w, PIECE_DENOMINATOR, c, 0, NULL);
    }
    for (i = 0; i < length; i++)
    {
        if (has_negative_exponent(pool, factors[i]))
        {
            push_times(w, &first, starts_with_digit(pool, factors[i]));
            push_inverse(w, factors[i], below == 1);
        }
        else if (is_sign(pool, factors[i]))
        {
            push_times(w, &first, 0);
            push_node(w, pool_child(pool, factors[i]), w->latex && below == 1 ? LEVEL_SUM : LEVEL_POWER);
        }
    }
    push_text(w, w->latex ? "}" : below > 1 ? ")" : "");

    for (i = 0; i < length && beside > 0; i++)
    {
        if (stands_beside(w, factors[i]))
        {
            push_text(w, " ");
            push_node(w, factors[i], LEVEL_POWER);
        }
    }
}

static int is_minus_term(const caustic_pool * pool, caustic_expr term)
{
    return pool_op(pool, term) != CAUSTIC_OP_SUM && pool_leads_with_minus(pool, term);
}

/* A term without its sign. */
static void push_magnitude(writer * w, caustic_expr e)
{
    const caustic_expr * children = pool_children(w->pool, e);
    slong arity = caustic_expr_arity(w->pool, e);

    if (pool_is_number(w->pool, e))
        push_fraction(w, e, NULL, 0);
    else if (pool_op(w->pool, e) != CAUSTIC_OP_PRODUCT)
        push_node(w, e, LEVEL_PRODUCT);
    else if (pool_is_number(w->pool, children[0]))
        push_fraction(w, children[0], children + 1, arity - 1);
    else
        push_fraction(w, CAUSTIC_NONE, children, arity);
}

/* The number comes last, unless only it can keep the sum from starting with a minus; otherwise the
   first term without a minus goes in front. */
static void push_sum(writer * w, caustic_expr e)
{
    const caustic_pool * pool = w->pool;
    const caustic_expr * terms = pool_children(pool, e);
    slong i, arity = caustic_expr_arity(pool, e), front, number = pool_is_number(pool, terms[0]);

    for (front = number; front < arity && is_minus_term(pool, terms[front]); front++)
        ;
    if (front == arity)
        front = number && !is_minus_term(pool, terms[0]) ? 0 : number;
    push(w, PIECE_TERM, terms[front], 0, "");
    for (i = number; i < arity; i++)
        if (i != front)
            push(w, PIECE_TERM, terms[i], 0, " + ");
    if (number && front != 0)
        push(w, PIECE_TERM, terms[0], 0, " + ");
}

static void push_bare(writer * w, caustic_expr e)
{
    const caustic_pool * pool = w->pool;

    switch (pool_op(pool, e))
    {
        case CAUSTIC_OP_NUMBER: case CAUSTIC_OP_PRODUCT:
            if (pool_leads_with_minus(pool, e))
                push_text(w, "-");
            push_magnitude(w, e);
            break;
        case CAUSTIC_OP_SYMBOL:
            if (w->latex)
                write_latex_name(w, pool_get(pool, e)->name);
            else
                caustic_text_append(w->out, pool_get(pool, e)->name);
            break;
        case CAUSTIC_OP_PI:
            push_text(w, w->latex ? "\\pi" : "pi");
            break;
        case CAUSTIC_OP_SUM:
            push_sum(w, e);
            break;
        case CAUSTIC_OP_POWER:
            if (has_negative_exponent(pool, e))
                push_fraction(w, CAUSTIC_NONE, &e, 1);
            else
                push_power(w, e);
            break;
        case CAUSTIC_OP_SIGN: case CAUSTIC_OP_STEP:
            push_fraction(w, CAUSTIC_NONE, &e, 1);
            break;
        default:
            push_function(w, pool_op(pool, e), pool_child(pool, e));
            break;
    }
}

static void write_all(writer * w, caustic_expr e)
{
    w->mark = 0;
    push_node(w, e, LEVEL_SUM);
    while (w->length > 0)
    {
        piece p = w->stack[--w->length];

        if (w->out->length > PRINT_LIMIT)
        {
            caustic_text_append(w->out, "...");
            break;
        }
        w->mark = w->length;
        switch (p.kind)
        {
            case PIECE_TEXT:
                caustic_text_append(w->out, p.text);
                break;
            case PIECE_NODE:
                if (level_of(w->pool, p.e) < p.level)
                {
                    push_text(w, open_parenthesis(w));
                    push_node(w, p.e, LEVEL_SUM);
                    push_text(w, close_parenthesis(w));
                }
                else
                {
                    push_bare(w, p.e);
                }
                break;
            case PIECE_TERM:
                if (is_minus_term(w->pool, p.e))
                    push_text(w, p.text[0] == '\0' ? "-" : " - ");
                else
                    push_text(w, p.text);
                push_magnitude(w, p.e);
                break;
            case PIECE_NUMERATOR:
                write_fmpz(w, fmpq_numref(pool_get(w->pool, p.e)->value));
                break;
            case PIECE_DENOMINATOR:
                write_fmpz(w, fmpq_denref(pool_get(w->pool, p.e)->value));
                break;
            case PIECE_EXPONENT:
                write_exponent(w, pool_get(w->pool, p.e)->value);
                break;
        }
        turn_round(w);
    }
    flint_free(w->stack);
}

static void print(caustic_text_t out, const caustic_pool * pool, caustic_expr e, int latex)
{
    caustic_text_t text;
    writer w = { pool, text, latex, NULL, 0, 0, 0 };

    if (e == CAUSTIC_NONE)
        return;
    caustic_text_init(text);
    write_all(&w, e);
    caustic_text_append_length(out, text->data, text->length);
    caustic_text_clear(text);
}

void caustic_expr_print(caustic_text_t out, const caustic_pool * pool, caustic_expr e)
{
    print(out, pool, e, 0);
}

void caustic_expr_latex(caustic_text_t out, const caustic_pool * pool, caustic_expr e)
{
    print(out, pool, e, 1);
}

char * caustic_expr_string(const caustic_pool * pool, caustic_expr e)
{
    caustic_text_t text;
    char * string;

    caustic_text_init(text);
    caustic_expr_print(text, pool, e);
    string = caustic_text_take(text);
    caustic_text_clear(text);
    return string;
}
