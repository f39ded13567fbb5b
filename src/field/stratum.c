/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Signs on what a stratum leaves of the box: where a function could vanish, one of the stratum's
    expressions does. [REDUCTION-4]
*/

#include "sign_internal.h"

#define STRATUM_POWER 6     /* of a stratum's expression that is divided out */
#define STRATUM_CHOICES 2000 /* ways to make all terms of a polynomial vanish */
#define STRATUM_SYMBOLS 64   /* that are set to 0 in one of them */

/* What is known of a function on the stratum. */
typedef struct
{
    caustic_sign sign;
    int nonzero;
}
known_struct;

typedef struct
{
    gr_ctx_struct * ctx;
    caustic_field * field;
    const caustic_expr * nonzero;
    slong length;
    char * usable;                 /* defined on the whole box, so that it is 0 where its numerator is */
    field_element_struct * factor; /* irreducible polynomials without zeros on the stratum */
    caustic_sign * sign;           /* theirs */
    slong factors;
}
stratum_struct;

typedef stratum_struct stratum_t[1];

static caustic_sign strictly(caustic_sign sign)
{
    return sign == CAUSTIC_SIGN_NONNEGATIVE ? CAUSTIC_SIGN_POSITIVE
        : sign == CAUSTIC_SIGN_NONPOSITIVE ? CAUSTIC_SIGN_NEGATIVE : sign;
}

/* The irreducible factors of a polynomial as elements, with their exponents' parity; the polynomial
   itself where factoring would take long. The constant is left out; its sign is returned. */
static int factor_polynomial(field_element_struct ** factor, char ** odd, slong * length, const fmpz_mpoly_t p,
    const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    fmpz_mpoly_factor_t factors;
    slong i;
    int constant = 1;

    fmpz_mpoly_factor_init(factors, mctx);
    if (fmpz_mpoly_is_fmpz(p, mctx) || !field_may_factor(p, mctx) || !fmpz_mpoly_factor(factors, p, mctx))
    {
        fmpz_mpoly_factor_one(factors, mctx);
        fmpz_mpoly_factor_append_ui(factors, p, 1, mctx);
    }
    *length = factors->num;
    *factor = flint_malloc(sizeof(field_element_struct) * FLINT_MAX(factors->num, 1));
    *odd = flint_malloc((size_t) FLINT_MAX(factors->num, 1));
    for (i = 0; i < factors->num; i++)
    {
        field_element_init(*factor + i, field);
        field_element_set_polynomials(*factor + i, factors->poly + i, NULL, field);
        (*odd)[i] = fmpz_is_odd(factors->exp + i);
    }
    constant = fmpz_sgn(factors->constant);
    fmpz_mpoly_factor_clear(factors, mctx);
    return constant;
}

static void clear_factors(field_element_struct * factor, char * odd, slong length, const caustic_field * field)
{
    slong i;
    for (i = 0; i < length; i++)
    {
        field_element_clear(factor + i, field);
    }
    flint_free(factor);
    flint_free(odd);
}

static void append_factor(stratum_t stratum, const field_element_struct * factor, caustic_sign sign)
{
    slong length = stratum->factors++;
    stratum->factor = flint_realloc(stratum->factor, sizeof(field_element_struct) * (length + 1));
    stratum->sign = flint_realloc(stratum->sign, sizeof(caustic_sign) * (length + 1));
    field_element_init(stratum->factor + length, stratum->field);
    field_element_set(stratum->factor + length, factor, stratum->field);
    stratum->sign[length] = sign;
}

/* Appends the factors of a function without zeros; of a root, those of what it is a root of too. */
static void add_factors(stratum_t stratum, const field_element_struct * x)
{
    caustic_field * field = stratum->field;
    field_element_struct * factor;
    char * odd;
    slong length, i, v;
    field_operand_t a;

    field_operand_open(a, x, field);
    factor_polynomial(&factor, &odd, &length, fmpz_mpoly_q_numref(a->q), field);
    field_operand_close(a, field);
    for (i = 0; i < length; i++)
    {
        field_operand_open(a, factor + i, field);
        if (!fmpz_mpoly_is_fmpz(fmpz_mpoly_q_numref(a->q), field_mctx(field)))
        {
            append_factor(stratum, factor + i, strictly(field_polynomial_sign(fmpz_mpoly_q_numref(a->q), field)));
        }
        for (v = field->symbols_length; v < field_variables(field); v++)
        {
            const field_generator * g = field->generators + (v - field->symbols_length);
            if (g->degree > 0 && g->kind == FIELD_POWER && fmpz_mpoly_length(fmpz_mpoly_q_numref(a->q), field_mctx(field)) == 1
                && fmpz_mpoly_degree_si(fmpz_mpoly_q_numref(a->q), v, field_mctx(field)) > 0
                && field_element_is_total(&g->relation[0], field))
            {
                add_factors(stratum, &g->relation[0]); /* a relation has earlier generators only */
            }
        }
        field_operand_close(a, field);
    }
    clear_factors(factor, odd, length, field);
}

static void stratum_init(stratum_t stratum, const caustic_expr * nonzero, slong length, gr_ctx_t ctx)
{
    field_element_t x;
    slong i;

    stratum->ctx = ctx;
    stratum->field = FIELD(ctx);
    stratum->nonzero = nonzero;
    stratum->length = length;
    stratum->usable = flint_calloc((size_t) FLINT_MAX(length, 1), 1);
    stratum->factor = NULL;
    stratum->sign = NULL;
    stratum->factors = 0;
    field_element_init(x, FIELD(ctx));
    for (i = 0; i < length; i++)
    {
        stratum->usable[i] = caustic_field_set_expr(x, nonzero[i], ctx) == GR_SUCCESS && field_element_is_total(x, FIELD(ctx));
        if (stratum->usable[i])
        {
            add_factors(stratum, x);
        }
    }
    field_element_clear(x, FIELD(ctx));
}

static void stratum_clear(stratum_t stratum)
{
    slong i;
    for (i = 0; i < stratum->factors; i++)
    {
        field_element_clear(stratum->factor + i, stratum->field);
    }
    flint_free(stratum->factor);
    flint_free(stratum->sign);
    flint_free(stratum->usable);
}

/* Whether some expression of the stratum becomes 0 when these symbols take these values. */
static int is_excluded(const caustic_expr * symbols, const caustic_expr * values, slong length, const stratum_t stratum)
{
    int excluded = 0;
    slong i;
    field_element_t x;

    field_element_init(x, stratum->field);
    for (i = 0; i < stratum->length && !excluded; i++)
    {
        caustic_expr e = !stratum->usable[i] ? CAUSTIC_NONE
            : caustic_substitute(caustic_field_pool(stratum->ctx), stratum->nonzero[i], symbols, values, length);
        excluded = e != CAUSTIC_NONE && caustic_field_set_expr(x, e, stratum->ctx) == GR_SUCCESS
            && caustic_field_is_zero(x, NULL, stratum->ctx) == T_TRUE;
    }
    field_element_clear(x, stratum->field);
    return excluded;
}

/* Sums of terms of one sign *******************************************************************/

/* A polynomial each of whose terms is >= 0 (or each <= 0) on the box: it is 0 where all terms are. */
typedef struct
{
    const stratum_struct * stratum;
    slong terms, symbols;
    char * vanishes;  /* terms x symbols: whether the term is 0 where the symbol is */
    char * by_root;   /* whether a root of something that may vanish makes the term 0 */
    slong chosen;     /* symbols that are 0 */
    slong choice[STRATUM_SYMBOLS];
    slong budget;
}
terms_struct;

/* Whether variable v to the power e is >= 0; *vanishing: whether it may be 0. */
static int factor_is_nonnegative(int * vanishing, slong v, ulong e, const caustic_field * field)
{
    const caustic_interval_struct * range = variable_range(v, field);
    *vanishing = whole_line(v, field) || closed_at_zero(v, field);
    if (whole_line(v, field))
    {
        return e % 2 == 0 && v < field->symbols_length;
    }
    return !range->lower_infinite && fmpq_sgn(range->lower) >= 0;
}

/* 1 if p is such a sum. */
static int read_terms(terms_struct * terms, const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong variables = field_variables(field), t, v;
    int sgn = 0, readable = 1;

    for (t = 0; t < terms->terms && readable; t++)
    {
        int s = fmpz_sgn(fmpz_mpoly_term_coeff_ref((fmpz_mpoly_struct *) p, t, mctx));
        readable = sgn == 0 || s == sgn;
        sgn = s;
        for (v = 0; v < variables && readable; v++)
        {
            ulong e = fmpz_mpoly_get_term_var_exp_ui((fmpz_mpoly_struct *) p, t, v, mctx);
            int vanishing = 0;
            if (e > 0)
            {
                readable = factor_is_nonnegative(&vanishing, v, e, field);
                if (vanishing && v < terms->symbols)
                {
                    terms->vanishes[t * terms->symbols + v] = 1;
                }
                terms->by_root[t] |= vanishing && v >= terms->symbols;
            }
        }
    }
    return readable;
}

static int term_is_zero(const terms_struct * terms, slong t)
{
    slong i;
    for (i = 0; i < terms->chosen; i++)
    {
        if (terms->vanishes[t * terms->symbols + terms->choice[i]])
        {
            return 1;
        }
    }
    return 0;
}

static int choice_is_excluded(const terms_struct * terms)
{
    caustic_expr symbols[STRATUM_SYMBOLS], values[STRATUM_SYMBOLS];
    slong i;
    for (i = 0; i < terms->chosen; i++)
    {
        symbols[i] = caustic_field_symbol(terms->choice[i], terms->stratum->ctx);
        values[i] = caustic_integer(caustic_field_pool(terms->stratum->ctx), 0);
    }
    return terms->chosen > 0 && is_excluded(symbols, values, terms->chosen, terms->stratum);
}

/* Whether every way to make the terms vanish that begins with the choice is excluded. The depth is
   bounded by STRATUM_SYMBOLS. */
static int all_excluded(terms_struct * terms)
{
    slong t = 0, v;

    if (--terms->budget < 0)
    {
        return 0;
    }
    if (choice_is_excluded(terms))
    {
        return 1;
    }
    while (t < terms->terms && term_is_zero(terms, t))
    {
        t++;
    }
    if (t == terms->terms || terms->by_root[t] || terms->chosen == STRATUM_SYMBOLS)
    {
        return 0;
    }
    for (v = 0; v < terms->symbols; v++)
    {
        if (terms->vanishes[t * terms->symbols + v])
        {
            int excluded;
            terms->choice[terms->chosen++] = v;
            excluded = all_excluded(terms);
            terms->chosen--;
            if (!excluded)
            {
                return 0;
            }
        }
    }
    return 1;
}

static int nonzero_by_terms(const field_element_struct * f, const stratum_t stratum)
{
    caustic_field * field = stratum->field;
    terms_struct terms;
    field_operand_t a;
    int nonzero;

    field_operand_open(a, f, field);
    terms.stratum = stratum;
    terms.terms = fmpz_mpoly_length(fmpz_mpoly_q_numref(a->q), field_mctx(field));
    terms.symbols = field->symbols_length;
    terms.vanishes = flint_calloc((size_t) (terms.terms * terms.symbols + 1), 1);
    terms.by_root = flint_calloc((size_t) terms.terms + 1, 1);
    terms.chosen = 0;
    terms.budget = STRATUM_CHOICES;
    nonzero = read_terms(&terms, fmpz_mpoly_q_numref(a->q), field);
    field_operand_close(a, field);
    nonzero = nonzero && all_excluded(&terms);
    flint_free(terms.vanishes);
    flint_free(terms.by_root);
    return nonzero;
}

/* The zeros of a quadratic of one sign are a subspace, on which the stratum's expressions can be
   looked at. [REDUCTION-5] */
static int nonzero_by_quadratic(const field_element_struct * f, const stratum_t stratum)
{
    int nonzero = 0, is_quadratic;
    field_operand_t a;
    quadratic_t quadratic;

    field_operand_open(a, f, stratum->field);
    is_quadratic = quadratic_init(quadratic, fmpz_mpoly_q_numref(a->q), stratum->field);
    field_operand_close(a, stratum->field);
    if (is_quadratic)
    {
        caustic_sign sign = quadratic_sign(quadratic);
        nonzero = sign_is_strict(sign);
        if (!nonzero && sign != CAUSTIC_SIGN_UNKNOWN)
        {
            size_t room = (size_t) quadratic->length + 1;
            caustic_expr * symbols = flint_malloc(sizeof(caustic_expr) * room);
            caustic_expr * values = flint_malloc(sizeof(caustic_expr) * room);
            slong length = quadratic_zeros(symbols, values, quadratic, stratum->ctx);
            nonzero = is_excluded(symbols, values, length, stratum);
            flint_free(symbols);
            flint_free(values);
        }
        quadratic_clear(quadratic);
    }
    return nonzero;
}

/* A sum of squares is 0 only where all of them are; one that divides an expression of the stratum is not.
   [REDUCTION-15] */
static known_struct by_squares(const field_element_struct * f, const stratum_t stratum)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(stratum->field);
    known_struct known = {CAUSTIC_SIGN_UNKNOWN, 0};
    field_operand_t a, b;
    squares_t squares;
    fmpz_mpoly_t row, quotient;
    slong i, j;

    field_operand_open(a, f, stratum->field);
    fmpz_mpoly_init(row, mctx);
    fmpz_mpoly_init(quotient, mctx);
    if (squares_init(squares, fmpz_mpoly_q_numref(a->q), stratum->field))
    {
        known.sign = squares_sign(squares);
        for (i = 0; i < squares->length && known.sign != CAUSTIC_SIGN_UNKNOWN && !known.nonzero; i++)
        {
            squares_row(row, squares, i, stratum->field);
            fmpz_mpoly_primitive_part(row, row, mctx);
            for (j = 0; j < stratum->factors && !known.nonzero && !fmpz_mpoly_is_zero(row, mctx); j++)
            {
                field_operand_open(b, stratum->factor + j, stratum->field);
                known.nonzero = fmpz_mpoly_divides(quotient, fmpz_mpoly_q_numref(b->q), row, mctx);
                field_operand_close(b, stratum->field);
            }
        }
        squares_clear(squares);
    }
    fmpz_mpoly_clear(row, mctx);
    fmpz_mpoly_clear(quotient, mctx);
    field_operand_close(a, stratum->field);
    return known;
}

/* Polynomials *********************************************************************************/

/* Divides p by the stratum's factors as often as they divide it. */
static void divide_out(fmpz_mpoly_t p, known_struct * known, const stratum_t stratum)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(stratum->field);
    slong i;
    fmpz_mpoly_t quotient;
    fmpz_mpoly_init(quotient, mctx);
    for (i = 0; i < stratum->factors; i++)
    {
        field_operand_t a;
        int odd = 0;
        field_operand_open(a, stratum->factor + i, stratum->field);
        while (!fmpz_mpoly_is_zero(p, mctx) && fmpz_mpoly_divides(quotient, p, fmpz_mpoly_q_numref(a->q), mctx))
        {
            fmpz_mpoly_swap(p, quotient, mctx);
            odd = !odd;
        }
        field_operand_close(a, stratum->field);
        if (odd)
        {
            known->sign = field_sign_product(known->sign, stratum->sign[i]);
        }
    }
    fmpz_mpoly_clear(quotient, mctx);
}

static known_struct irreducible_on(const field_element_struct * f, int odd, const stratum_t stratum)
{
    known_struct known;
    field_operand_t a;
    field_operand_open(a, f, stratum->field);
    known.sign = field_polynomial_sign(fmpz_mpoly_q_numref(a->q), stratum->field);
    field_operand_close(a, stratum->field);
    known.nonzero = sign_is_strict(known.sign)
        || (known.sign != CAUSTIC_SIGN_ZERO && (nonzero_by_terms(f, stratum) || nonzero_by_quadratic(f, stratum)));
    if (!known.nonzero && known.sign != CAUSTIC_SIGN_ZERO)
    {
        known_struct sum = by_squares(f, stratum);
        known.nonzero = sum.nonzero;
        known.sign = sum.sign == CAUSTIC_SIGN_UNKNOWN ? known.sign : sum.sign;
    }
    if (!odd)
    {
        known.sign = CAUSTIC_SIGN_NONNEGATIVE;
    }
    if (known.nonzero)
    {
        known.sign = strictly(known.sign);
    }
    return known;
}

static known_struct polynomial_on(const field_element_struct * p, const stratum_t stratum)
{
    caustic_field * field = stratum->field;
    known_struct known = {CAUSTIC_SIGN_POSITIVE, 1};
    field_element_struct * factor;
    char * odd;
    slong length, i;
    field_operand_t a;
    fmpz_mpoly_t q;

    fmpz_mpoly_init(q, field_mctx(field));
    field_operand_open(a, p, field);
    fmpz_mpoly_set(q, fmpz_mpoly_q_numref(a->q), field_mctx(field));
    field_operand_close(a, field);
    divide_out(q, &known, stratum);
    if (factor_polynomial(&factor, &odd, &length, q, field) < 0)
    {
        known.sign = field_sign_product(known.sign, CAUSTIC_SIGN_NEGATIVE);
    }
    fmpz_mpoly_clear(q, field_mctx(field));
    for (i = 0; i < length; i++)
    {
        known_struct one = irreducible_on(factor + i, odd[i], stratum);
        known.sign = field_sign_product(known.sign, one.sign);
        known.nonzero = known.nonzero && one.nonzero;
    }
    clear_factors(factor, odd, length, field);
    return known;
}

static known_struct quotient_on(const field_element_struct * x, const stratum_t stratum)
{
    caustic_field * field = stratum->field;
    known_struct above = {CAUSTIC_SIGN_UNKNOWN, 0}, below = {CAUSTIC_SIGN_UNKNOWN, 0};
    field_element_t part[2];
    field_operand_t a;
    int total;

    field_element_init(part[0], field);
    field_element_init(part[1], field);
    field_operand_open(a, x, field);
    total = field_polynomial_is_total(fmpz_mpoly_q_numref(a->q), field)
        && field_polynomial_is_total(fmpz_mpoly_q_denref(a->q), field);
    field_element_set_polynomials(part[0], fmpz_mpoly_q_numref(a->q), NULL, field);
    field_element_set_polynomials(part[1], fmpz_mpoly_q_denref(a->q), NULL, field);
    field_operand_close(a, field);
    if (total)
    {
        below = polynomial_on(part[1], stratum);
    }
    if (total && below.nonzero)
    {
        above = polynomial_on(part[0], stratum);
        above.sign = field_sign_product(above.sign, below.sign);
    }
    field_element_clear(part[0], field);
    field_element_clear(part[1], field);
    return above;
}

/* x = s^m y with s from the stratum and y of one sign on the box: what factors of polynomials do not
   show where s is algebraic. */
static known_struct by_division(const field_element_struct * x, const stratum_t stratum)
{
    caustic_field * field = stratum->field;
    known_struct known = {CAUSTIC_SIGN_UNKNOWN, 0};
    field_element_t s, y;
    slong i;
    int power;

    field_element_init(s, field);
    field_element_init(y, field);
    for (i = 0; i < stratum->length && !known.nonzero; i++)
    {
        caustic_sign sign;
        if (!stratum->usable[i] || caustic_field_set_expr(s, stratum->nonzero[i], stratum->ctx) != GR_SUCCESS)
        {
            continue;
        }
        sign = strictly(field_element_sign(s, field));
        field_element_set(y, x, field);
        for (power = 1; power <= STRATUM_POWER && !known.nonzero; power++)
        {
            caustic_sign rest;
            if (field_div(y, y, s, stratum->ctx) != GR_SUCCESS)
            {
                break;
            }
            rest = field_element_sign(y, field);
            known.nonzero = sign_is_strict(rest);
            known.sign = (power % 2 == 0) ? rest : field_sign_product(rest, sign);
        }
    }
    field_element_clear(s, field);
    field_element_clear(y, field);
    return known;
}

static known_struct element_on(const field_element_struct * x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx)
{
    known_struct known;
    caustic_sign plain = field_element_sign(x, FIELD(ctx));
    known.sign = plain;
    known.nonzero = sign_is_strict(plain);
    if (!known.nonzero && plain != CAUSTIC_SIGN_ZERO && length > 0)
    {
        stratum_t stratum;
        stratum_init(stratum, nonzero, length, ctx);
        known = quotient_on(x, stratum);
        if (!known.nonzero)
        {
            known_struct divided = by_division(x, stratum);
            known = divided.nonzero ? divided : known;
        }
        if (known.sign == CAUSTIC_SIGN_UNKNOWN)
        {
            known.sign = known.nonzero ? strictly(plain) : plain;
        }
        stratum_clear(stratum);
    }
    return known;
}

caustic_sign field_sign_on(const field_element_struct * x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx)
{
    return element_on(x, nonzero, length, ctx).sign;
}

int field_is_nonzero_on(const field_element_struct * x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx)
{
    return element_on(x, nonzero, length, ctx).nonzero;
}

caustic_sign caustic_field_sign_on(gr_srcptr x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx)
{
    return field_sign_on(x, nonzero, length, ctx);
}

int caustic_field_is_nonzero_on(gr_srcptr x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx)
{
    return field_is_nonzero_on(x, nonzero, length, ctx);
}
