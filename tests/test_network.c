/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Networks as they are. Every operation on arrays is held against scalar expressions written out by hand, and
    against the mistakes that are easily made in it: those must come out different.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "problem.h"

/* Arrays w (2 x 3), k (2), q, p (2 x 2), c (2 x 1 x 2), b (3), s; data columns x, y, z with two rows. */
typedef struct
{
    caustic_pool * pool;
    caustic_network_name names[7];
    caustic_network_scope scope;
    caustic_data data;
    caustic_expr entries[6];
    char * columns[3];
    caustic_name scalar[32];
    slong scalars;
    caustic_expr symbols[32];
    caustic_interval_struct domains[32];
}
fixture;

static void
declare(fixture * f, slong i, const char * name, slong rank, slong m, slong n, slong o)
{
    slong shape[] = {m, n, o};
    caustic_text_t text;

    f->names[i].name = name;
    caustic_tensor_init(&f->names[i].value);
    assert_int_equal(caustic_tensor_allocate(&f->names[i].value, rank, shape, 0), 1);
    caustic_text_init(text);
    for (slong k = 0; k < f->names[i].value.entries; k++)
    {
        caustic_text_reset(text);
        caustic_tensor_entry_name(text, name, &f->names[i].value, k);
        f->symbols[f->scalars] = f->names[i].value.entry[k] = caustic_symbol(f->pool, text->data);
        caustic_interval_init(f->domains + f->scalars);
        f->scalar[f->scalars].name = caustic_expr_name(f->pool, f->symbols[f->scalars]);
        f->scalar[f->scalars].value = f->symbols[f->scalars];
        f->scalars++;
    }
    caustic_text_clear(text);
}

static void
fixture_init(fixture * f)
{
    static char x[] = "x", y[] = "y", z[] = "z";
    static const slong value[] = {2, 3, 5, -1, 4, 7};

    memset(f, 0, sizeof(*f));
    f->pool = caustic_pool_new();
    declare(f, 0, "w", 2, 2, 3, 0);
    declare(f, 1, "k", 1, 2, 0, 0);
    declare(f, 2, "q", 2, 2, 2, 0);
    declare(f, 3, "p", 2, 2, 2, 0);
    declare(f, 4, "c", 3, 2, 1, 2);
    declare(f, 5, "b", 1, 3, 0, 0);
    declare(f, 6, "s", 0, 0, 0, 0);
    for (slong i = 0; i < 6; i++)
        f->entries[i] = caustic_integer(f->pool, value[i]);
    f->columns[0] = x;
    f->columns[1] = y;
    f->columns[2] = z;
    f->data = (caustic_data) {2, 3, f->columns, f->entries};
    f->scope = (caustic_network_scope) {f->names, 7, NULL, NULL, &f->data, 0};
}

static void
fixture_clear(fixture * f)
{
    for (slong i = 0; i < 7; i++)
        caustic_tensor_clear(&f->names[i].value);
    for (slong i = 0; i < f->scalars; i++)
        caustic_interval_clear(f->domains + i);
    caustic_pool_free(f->pool);
}

static caustic_expr
scalar(fixture * f, const char * text)
{
    caustic_scope scope = {f->scalar, f->scalars, &f->data, 0};
    caustic_error_t error;
    caustic_expr e = CAUSTIC_NONE;

    caustic_error_init(error);
    if (caustic_parse(&e, f->pool, text, &scope, NULL, error) != CAUSTIC_OK)
        fail_msg("%s: %s", text, error->message);
    caustic_error_clear(error);
    return e;
}

static void
forward(caustic_tensor_t out, fixture * f, const char * text)
{
    caustic_error_t error;

    caustic_error_init(error);
    caustic_tensor_init(out);
    f->scope.work = 0;
    if (caustic_network_parse(out, f->pool, text, &f->scope, NULL, error) != CAUSTIC_OK)
        fail_msg("%s: %ld: %s", text, (long) error->column, error->message);
    caustic_error_clear(error);
}

/* Whether a = b, in the field of their own symbols. */
static truth_t
same(fixture * f, caustic_expr a, caustic_expr b)
{
    caustic_expr * symbols;
    slong length = caustic_expr_symbols(&symbols, f->pool, caustic_add(f->pool, a, caustic_mul(f->pool, caustic_pi(f->pool), b)));
    gr_ctx_t ctx;
    gr_ptr x, y;
    truth_t equal;

    caustic_field_ctx_init(ctx, f->pool, symbols, f->domains, length);
    caustic_field_allow_kinks(ctx, 1);
    GR_TMP_INIT2(x, y, ctx);
    assert_int_equal(caustic_field_set_expr(x, a, ctx), GR_SUCCESS);
    assert_int_equal(caustic_field_set_expr(y, b, ctx), GR_SUCCESS);
    assert_int_equal(gr_sub(x, x, y, ctx), GR_SUCCESS);
    equal = caustic_field_is_zero(x, NULL, ctx);
    GR_TMP_CLEAR2(x, y, ctx);
    gr_ctx_clear(ctx);
    flint_free(symbols);
    return equal;
}

/* The entry at a place of a forward expression is the scalar expression, and is not the near miss. */
static void
entry_is(fixture * f, const char * text, slong place, const char * expected, const char * miss)
{
    caustic_tensor_t out;

    forward(out, f, text);
    assert_true(place < FLINT_MAX(out->rows, 1) * out->entries);
    if (same(f, out->entry[place], scalar(f, expected)) != T_TRUE)
    {
        char * found = caustic_expr_string(f->pool, out->entry[place]);

        fail_msg("%s, entry %ld, is %s and not %s", text, (long) place, found, expected);
    }
    if (miss != NULL && same(f, out->entry[place], scalar(f, miss)) != T_FALSE)
        fail_msg("%s, entry %ld, is taken for %s", text, (long) place, miss);
    caustic_tensor_clear(out);
}

static void
shape_is(fixture * f, const char * text, slong rows, slong rank, slong m, slong n)
{
    caustic_tensor_t out;

    forward(out, f, text);
    assert_int_equal(out->rank, rank);
    assert_int_equal(out->rows, rows);
    assert_true(rank < 1 || out->shape[0] == m);
    assert_true(rank < 2 || out->shape[1] == n);
    caustic_tensor_clear(out);
}

static void
test_tensors(void ** state)
{
    static const slong large[] = {3, 12}, huge[] = {100000, 2}, vector[] = {12};
    caustic_tensor_t a, b;
    caustic_text_t text;

    (void) state;
    caustic_tensor_init(a);
    caustic_tensor_init(b);
    caustic_text_init(text);
    assert_int_equal(caustic_tensor_allocate(a, 2, huge, 0), 0);
    assert_int_equal(a->rank, 0);
    assert_int_equal(caustic_tensor_allocate(a, 2, large, 4), 1);
    assert_int_equal(a->entries, 36);
    a->entry[4 * 36 - 1] = 7;
    caustic_tensor_set(b, a);
    caustic_tensor_set(b, b);
    assert_int_equal(b->entry[4 * 36 - 1], 7);
    caustic_tensor_entry_name(text, "w", a, 13);
    assert_string_equal(text->data, "w0202");
    caustic_text_reset(text);
    assert_int_equal(caustic_tensor_allocate(b, 1, vector, 0), 1);
    caustic_tensor_entry_name(text, "w", b, 11);
    assert_string_equal(text->data, "w12");
    caustic_text_clear(text);
    caustic_tensor_clear(a);
    caustic_tensor_clear(b);
}

static void
test_arithmetic(void ** state)
{
    fixture f[1];

    (void) state;
    fixture_init(f);
    entry_is(f, "w @ b", 1, "w21*b1 + w22*b2 + w23*b3", "w12*b1 + w22*b2 + w23*b3");
    entry_is(f, "k @ w", 2, "k1*w13 + k2*w23", "k1*w12 + k2*w22");
    entry_is(f, "q @ p", 1, "q11*p12 + q12*p22", "q11*p21 + q12*p22"); /* q times p transposed */
    entry_is(f, "q @ p", 2, "q21*p11 + q22*p21", "q12*p11 + q22*p21");
    entry_is(f, "q @ transpose(p)", 1, "q11*p21 + q12*p22", "q11*p12 + q12*p22");
    entry_is(f, "transpose(w)", 1, "w21", "w12");
    entry_is(f, "q * p", 1, "q12*p12", "q11*p12 + q12*p22");
    entry_is(f, "k @ k", 0, "k1^2 + k2^2", NULL);
    entry_is(f, "w + b", 4, "w22 + b2", "w22 + b1");
    entry_is(f, "b - w", 5, "b3 - w23", "w23 - b3");
    entry_is(f, "2*s - b/2 - -s + 1", 2, "3*s - b3/2 + 1", NULL);
    entry_is(f, "s - 1 - 2", 0, "s - 3", "s + 1");
    entry_is(f, "-s^2", 0, "-(s^2)", "s^2");
    entry_is(f, "s/k[1]*k[2]", 0, "s*k2/k1", "s/(k1*k2)");
    entry_is(f, "2^-2*s", 0, "s/4", NULL);
    entry_is(f, "2^3^2 + 0*s", 0, "512", "64");
    entry_is(f, "k^2", 1, "k2^2", NULL);
    entry_is(f, "tanh(k)", 1, "tanh(k2)", "tanh(k1)");
    entry_is(f, "sqrt(1 + k^2)", 0, "sqrt(1 + k1^2)", NULL);
    entry_is(f, "w[2, 3]", 0, "w23", NULL);
    entry_is(f, "w[:, 2]", 1, "w22", "w12");
    entry_is(f, "w[2]", 0, "w21", "w12");
    entry_is(f, "w[1:2, 2:3]", 2, "w22", "w13");
    entry_is(f, "[k, [s, 1]]", 2, "s", "k2");
    entry_is(f, "[[s, 2], k] @ k", 1, "k1^2 + k2^2", NULL);
    entry_is(f, "reshape(w, 3, 2)", 2, "w13", "w21");
    entry_is(f, "(q + identity(2)) @ k", 0, "(q11 + 1)*k1 + q12*k2", NULL);
    entry_is(f, "total(w)", 0, "w11 + w12 + w13 + w21 + w22 + w23", NULL);
    entry_is(f, "total(w, 1)", 1, "w12 + w22", "w21 + w22 + w23");
    entry_is(f, "average(w, 2)", 1, "(w21 + w22 + w23)/3", "(w12 + w22)/2");
    entry_is(f, "pi*s", 0, "pi*s", NULL);
    shape_is(f, "w[:, 2:2]", 0, 2, 2, 1);
    shape_is(f, "k*x", 2, 1, 2, 0);
    fixture_clear(f);
}

static void
test_rows(void ** state)
{
    fixture f[1];

    (void) state;
    fixture_init(f);
    entry_is(f, "s*x + z", 1, "-s + 7", "2*s + 5"); /* the second row */
    entry_is(f, "mean(s*x + z)", 0, "mean(s*x + z)", "sum(s*x + z)");
    entry_is(f, "sum((s*x - y)^2)", 0, "(2*s - 3)^2 + (-s - 4)^2", NULL);
    entry_is(f, "mean((x - mean(x))^2) + 0*s", 0, "9/4", NULL);
    entry_is(f, "sum(s)", 0, "2*s", "s");
    entry_is(f, "[x, y, z] @ b", 1, "-b1 + 4*b2 + 7*b3", "2*b1 + 3*b2 + 5*b3");
    entry_is(f, "mean([x, y] @ q @ k)", 0, "((2*q11 + 3*q21)*k1 + (2*q12 + 3*q22)*k2 + (-q11 + 4*q21)*k1 + (-q12 + 4*q22)*k2)/2", NULL);
    fixture_clear(f);
}

static void
test_convolution(void ** state)
{
    fixture f[1];

    (void) state;
    fixture_init(f);
    shape_is(f, "conv([1, 2, 3, 4, 5], k)", 0, 1, 4, 0);
    shape_is(f, "conv([1, 2, 3, 4, 5], k, 2)", 0, 1, 2, 0);
    shape_is(f, "conv([1, 2, 3, 4, 5], k, 1, 1)", 0, 1, 6, 0);
    entry_is(f, "conv(b, k)", 0, "b1*k1 + b2*k2", "b1*k2 + b2*k1"); /* not flipped */
    entry_is(f, "conv(b, k)", 1, "b2*k1 + b3*k2", "b1*k1 + b2*k2"); /* one further */
    entry_is(f, "conv(b, k, 2)", 0, "b1*k1 + b2*k2", NULL);
    entry_is(f, "conv([1, 2, 3, 4, 5], k, 2)", 1, "3*k1 + 4*k2", "2*k1 + 3*k2");
    entry_is(f, "conv(b, k, 1, 1)", 0, "b1*k2", "b1*k1");
    entry_is(f, "conv(b, k, 1, 1)", 3, "b3*k1", "b3*k2");
    entry_is(f, "conv(w, q)", 0, "w11*q11 + w12*q12 + w21*q21 + w22*q22", "w11*q11 + w12*q21 + w21*q12 + w22*q22");
    entry_is(f, "conv(w, q)", 1, "w12*q11 + w13*q12 + w22*q21 + w23*q22", NULL);
    /* three positions, one channel in, two out: c is kernel x in x out */
    shape_is(f, "conv(reshape(b, 3, 1), c)", 0, 2, 2, 2);
    entry_is(f, "conv(reshape(b, 3, 1), c)", 1, "b1*c112 + b2*c212", "b1*c111 + b2*c211");
    entry_is(f, "conv(reshape(b, 3, 1), c)", 2, "b2*c111 + b3*c211", "b1*c112 + b2*c212");
    /* two channels in: x is positions x channels */
    entry_is(f, "conv(transpose(w), reshape(q, 1, 2, 2))", 3, "w12*q12 + w22*q22", "w21*q12 + w22*q22");
    entry_is(f, "conv([x, y, z], k)", 3, "4*k1 + 7*k2", "3*k1 + 5*k2");
    fixture_clear(f);
}

static void
test_layers(void ** state)
{
    fixture f[1];

    (void) state;
    fixture_init(f);
    entry_is(f, "softmax(q)", 1, "exp(q12)/(exp(q11) + exp(q12))", "exp(q12)/(exp(q12) + exp(q22))"); /* the wrong axis */
    entry_is(f, "softmax(q, 1)", 1, "exp(q12)/(exp(q12) + exp(q22))", "exp(q12)/(exp(q11) + exp(q12))");
    entry_is(f, "attention(q, p, k)", 1,
        "(exp((q21*p11 + q22*p12)/sqrt(2))*k1 + exp((q21*p21 + q22*p22)/sqrt(2))*k2)"
        "/(exp((q21*p11 + q22*p12)/sqrt(2)) + exp((q21*p21 + q22*p22)/sqrt(2)))",
        "(exp((q21*p11 + q22*p21)/sqrt(2))*k1 + exp((q21*p12 + q22*p22)/sqrt(2))*k2)"
        "/(exp((q21*p11 + q22*p21)/sqrt(2)) + exp((q21*p12 + q22*p22)/sqrt(2)))"); /* keys not transposed */
    entry_is(f, "layernorm(q)", 2, "(q21 - (q21 + q22)/2)/sqrt(((q21 - q22)/2)^2)", "(q21 - (q11 + q21)/2)/sqrt(((q11 - q21)/2)^2)");
    entry_is(f, "layernorm(b, 1/2)", 0,
        "(b1 - (b1 + b2 + b3)/3)/sqrt(1/2 + ((b1 - (b1 + b2 + b3)/3)^2 + (b2 - (b1 + b2 + b3)/3)^2 + (b3 - (b1 + b2 + b3)/3)^2)/3)",
        "(b1 - (b1 + b2 + b3)/3)/sqrt(1/2 + ((b1 - (b1 + b2 + b3)/3)^2 + (b2 - (b1 + b2 + b3)/3)^2 + (b3 - (b1 + b2 + b3)/3)^2)/2)");
    entry_is(f, "rmsnorm(b)", 1, "b2/sqrt((b1^2 + b2^2 + b3^2)/3)", "b2/sqrt(b1^2 + b2^2 + b3^2)");
    /* over the rows: x has 2 and -1, mean 1/2, variance 9/4 */
    entry_is(f, "batchnorm([x, y]) + 0*s", 0, "1", "-1");
    entry_is(f, "batchnorm([x, y]) + 0*s", 2, "-1", "1");
    entry_is(f, "batchnorm(k*x)", 0, "k1/abs(k1)", "k2/abs(k2)");
    /* each channel over positions and rows; entries of two rows, two positions, two channels */
    entry_is(f, "batchnorm(q*x)", 0, "(2*q11 - (q11 + q21)/4)/sqrt(((2*q11 - (q11 + q21)/4)^2 + (2*q21 - (q11 + q21)/4)^2"
        " + (-q11 - (q11 + q21)/4)^2 + (-q21 - (q11 + q21)/4)^2)/4)", NULL);
    entry_is(f, "standardize([x, y])", 3, "(4 - 2)/sqrt((0 + 1 + 9 + 4)/4)", "1");
    entry_is(f, "leakyrelu(s, 1/10)", 0, "relu(s) - relu(-s)/10", "relu(s)");
    entry_is(f, "silu(s)", 0, "s*sigmoid(s)", "sigmoid(s)");
    entry_is(f, "gelu(s)", 0, "s*(1 + erf(s/sqrt(2)))/2", "s*(1 + erf(s))/2");
    entry_is(f, "squarederror(k, [1, 2])", 0, "((k1 - 1)^2 + (k2 - 2)^2)/2", "(k1 - 1)^2 + (k2 - 2)^2");
    entry_is(f, "logistic(s, 1)", 0, "log(1 + exp(-s))", "log(1 + exp(s))");
    entry_is(f, "logistic(s, 0)", 0, "log(1 + exp(s))", "log(1 + exp(-s))");
    entry_is(f, "crossentropy(k, [0, 1])", 0, "log(exp(k1) + exp(k2)) - k2", "log(exp(k1) + exp(k2)) - k1");
    fixture_clear(f);
}

static void
refused(fixture * f, const char * text, slong column, const char * part)
{
    caustic_error_t error;
    caustic_tensor_t out;
    caustic_origin origin = {"net.yaml", 7, 3};

    caustic_error_init(error);
    caustic_tensor_init(out);
    f->scope.work = 0;
    if (caustic_network_parse(out, f->pool, text, &f->scope, &origin, error) != CAUSTIC_BAD_INPUT)
        fail_msg("%s is accepted", text);
    if (strstr(error->message, part) == NULL)
        fail_msg("%s: expected '%s' in: %s", text, part, error->message);
    assert_string_equal(error->file, "net.yaml");
    assert_int_equal(error->line, 7);
    if (error->column != column + 2)
        fail_msg("%s: column %ld: %s", text, (long) error->column - 2, error->message);
    caustic_tensor_clear(out);
    caustic_error_clear(error);
}

static void
test_refusals(void ** state)
{
    static const char * const chain = "((((((((((((((((((((((((((((((((((((((((";
    fixture f[1];
    caustic_text_t deep;

    (void) state;
    fixture_init(f);
    refused(f, "w @ w", 3, "do not fit for @");
    refused(f, "q + w", 3, "do not fit for +: [2, 2] and [2, 3]");
    refused(f, "s @ w", 3, "write *");
    refused(f, "w @ foo", 5, "undeclared name 'foo'");
    refused(f, "frobnicate(w)", 1, "no function of this name");
    refused(f, "tanh + 1", 1, "needs arguments");
    refused(f, "softmax(w, 3)", 1, "the axis");
    refused(f, "softmax(s)", 1, "found a scalar");
    refused(f, "conv(k, b)", 1, "longer than what it runs over");
    refused(f, "conv(b, k, 0)", 1, "the stride");
    refused(f, "attention(k, k, k)", 1, "takes matrices");
    refused(f, "attention(q, p)", 1, "expected 3 arguments, found 2");
    refused(f, "total(w, 1, 2)", 1, "expected 1 or more argument");
    refused(f, "w[3, 1]", 3, "index out of range: axis 1 has entries 1 to 2");
    refused(f, "w[1, 2, 1]", 7, "too many indices");
    refused(f, "w[0]", 3, "index out of range");
    refused(f, "w[s]", 3, "an index, counted from 1");
    refused(f, "b[3:2]", 5, "the range of indices is empty");
    refused(f, "[k, w]", 1, "whose entries have one shape");
    refused(f, "(w + 1", 1, "never closed");
    refused(f, "w + 1)", 6, "closes nothing");
    refused(f, "[s, 1)", 6, "closes nothing");
    refused(f, "s, 1", 2, "a comma stands between");
    refused(f, "2s", 2, "expected an operator");
    refused(f, "s +", 4, "the end of the expression");
    refused(f, "s ^ k", 3, "exponents are rational numbers");
    refused(f, "s/0", 2, "nowhere defined");
    refused(f, "s + 1/(x - 2)", 6, "in data row 1");
    refused(f, "batchnorm(x - x)", 1, "nowhere defined");
    refused(f, "identity(1000)", 1, "expected an integer from 1 to 300");
    refused(f, "reshape(w, 4)", 1, "keeps the number of entries");
    refused(f, "identity(300) @ identity(300)", 15, "operations");
    refused(f, "9^9^9", 2, "nowhere defined");
    refused(f, "s \x80", 3, "no meaning");
    caustic_text_init(deep);
    for (int i = 0; i < 30; i++)
        caustic_text_append(deep, chain);
    refused(f, deep->data, 1001, "nested more than 1000 deep");
    caustic_text_clear(deep);
    f->scope.data = NULL;
    refused(f, "mean(s)", 1, "there is no data here");
    assert_int_equal(caustic_network_is_function("conv"), 1);
    assert_int_equal(caustic_network_is_function("tanh"), 1);
    assert_int_equal(caustic_network_is_function("w"), 0);
    fixture_clear(f);
}

/* Both cases have the same loss on the quotient, and the changed one another. */
static void
agree(const char * network, const char * preset, truth_t expected)
{
    caustic_case_t a, b;
    caustic_reduction_t left, right;
    gr_ptr x, y;
    caustic_expr image;

    read_case(a, network);
    read_case(b, preset);
    caustic_reduction_init(left, a->setting);
    caustic_reduction_init(right, b->setting);
    assert_int_equal(caustic_checks_verdict(left->checks), CAUSTIC_PROVED);
    assert_int_equal(caustic_checks_verdict(right->checks), CAUSTIC_PROVED);
    assert_int_equal(a->network, 1);

    /* by its text, in the other's names: the pools are two */
    {
        char * text = caustic_expr_string(a->pool, left->loss);
        slong d = b->setting->coordinates;
        caustic_name * names = flint_malloc((size_t) d * sizeof(caustic_name));
        caustic_scope scope = {names, d, NULL, 0};
        caustic_error_t error;

        for (slong i = 0; i < d; i++)
            names[i] = (caustic_name) {caustic_expr_name(b->pool, b->setting->coordinate[i]), b->setting->coordinate[i]};
        caustic_error_init(error);
        assert_int_equal(caustic_parse(&image, b->pool, text, &scope, NULL, error), CAUSTIC_OK);
        caustic_error_clear(error);
        flint_free(names);
        flint_free(text);
    }
    caustic_field_allow_kinks(right->downstairs, 1);
    GR_TMP_INIT2(x, y, right->downstairs);
    assert_int_equal(caustic_field_set_expr(x, image, right->downstairs), GR_SUCCESS);
    assert_int_equal(caustic_field_set_expr(y, right->loss, right->downstairs), GR_SUCCESS);
    assert_int_equal(gr_sub(x, x, y, right->downstairs), GR_SUCCESS);
    if (caustic_field_is_zero(x, NULL, right->downstairs) != expected)
        fail_msg("%s\n%s", network, preset);
    GR_TMP_CLEAR2(x, y, right->downstairs);
    caustic_reduction_clear(left);
    caustic_reduction_clear(right);
    caustic_case_clear(a);
    caustic_case_clear(b);
}

#define RELU(objective) \
    "name: n\npreset: {kind: relu-layer, inputs: 2, hidden: 2}\n" \
    "data: {columns: [r, v], rows: [[\"1/2\", \"1\"], [\"-3\", \"2\"], [\"1\", \"-1\"]]}\n" objective

#define ATTENTION(objective) "name: n\npreset: {kind: attention, model: 2, head: 1}\n" objective

#define CONVOLUTION(objective) \
    "name: n\npreset: {kind: batchnorm, fan_in: 2}\n" \
    "data: {columns: [x1, x2, x3, y], rows: [[\"1\", \"2\", \"0\", \"1\"], [\"0\", \"-1\", \"3\", \"0\"]]}\n" objective

#define PARTICLES(objective) \
    "name: n\npreset: {kind: particles, count: 2, dimension: 1}\n" \
    "data: {columns: [s, y], rows: [[\"1\", \"1/2\"], [\"2\", \"1\"]]}\n" objective

static void
test_agreement_with_presets(void ** state)
{
    const char * relu = RELU("network: {parameters: [{name: w, shape: [2, 2]}, {name: a, shape: [2]}],"
        " forward: [{name: h, is: 'relu(w @ [r, 1])'}], objective: 'mean(squarederror(a @ h, v))'}\n");
    const char * attention = ATTENTION("network: {parameters: [{name: q, shape: [2, 1]}, {name: k, shape: [2, 1]}],"
        " forward: [{name: x, is: '[[1, 0], [2, 1]]'}], objective: 'squarederror(attention(x @ q, x @ k, [1, -1]), [1/2, 0])'}\n");
    const char * convolution = CONVOLUTION("network: {parameters: [{name: w, shape: [2]}],"
        " forward: [{name: c, is: 'standardize(conv([x1, x2, x3], w))'}], objective: 'mean(squarederror(total(relu(c)), y))'}\n");
    const char * particles = PARTICLES("network: {parameters: [{name: x, shape: [2]}],"
        " objective: 'mean(squarederror(average(tanh(x*s)), y))'}\n");

    (void) state;
    agree(relu, RELU("loss: 'mean((relu(z1*r + z2) + relu(z3*r + z4) - v)^2)/2'\n"), T_TRUE);
    agree(relu, RELU("loss: 'mean((relu(z1 + z2*r) + relu(z3 + z4*r) - v)^2)/2'\n"), T_FALSE);
    /* scores of tokens e1 and 2 e1 + e2 under M = q k^T of rank one, m22 = m12 m21/m11; the second row mixes */
    agree(attention, ATTENTION("loss: '("
        "((exp(m11) - exp(2*m11 + m12))/(exp(m11) + exp(2*m11 + m12)) - 1/2)^2"
        " + ((exp(2*m11 + m21) - exp(4*m11 + 2*m12 + 2*m21 + m12*m21/m11))"
        "/(exp(2*m11 + m21) + exp(4*m11 + 2*m12 + 2*m21 + m12*m21/m11)))^2)/2'\n"), T_TRUE);
    agree(attention, ATTENTION("loss: '("
        "((exp(m11) - exp(2*m11 + m21))/(exp(m11) + exp(2*m11 + m21)) - 1/2)^2"
        " + ((exp(2*m11 + m12) - exp(4*m11 + 2*m12 + 2*m21 + m12*m21/m11))"
        "/(exp(2*m11 + m12) + exp(4*m11 + 2*m12 + 2*m21 + m12*m21/m11)))^2)/2'\n"), T_FALSE);
    /* patches (1, 2), (2, 0), (0, -1), (-1, 3): means 1/2 and 1, covariance [[5/4, -3/4], [-3/4, 5/2]];
       on the section w = (2 z, 1 - z^2)/(1 + z^2) */
    agree(convolution, CONVOLUTION("loss: '("
        "(relu((1/2*2*z + 1*(1 - z^2))/sqrt(5/4*4*z^2 - 3/2*2*z*(1 - z^2) + 5/2*(1 - z^2)^2))"
        " + relu((3/2*2*z - 1*(1 - z^2))/sqrt(5/4*4*z^2 - 3/2*2*z*(1 - z^2) + 5/2*(1 - z^2)^2)) - 1)^2"
        " + (relu((-1/2*2*z - 2*(1 - z^2))/sqrt(5/4*4*z^2 - 3/2*2*z*(1 - z^2) + 5/2*(1 - z^2)^2))"
        " + relu((-3/2*2*z + 2*(1 - z^2))/sqrt(5/4*4*z^2 - 3/2*2*z*(1 - z^2) + 5/2*(1 - z^2)^2)))^2)/4'\n"), T_TRUE);
    agree(particles, PARTICLES("loss: 'mean(((tanh(z1*s) + tanh(z2*s))/2 - y)^2)/2'\n"), T_TRUE);
    agree(particles, PARTICLES("loss: 'mean((tanh(z1*s) + tanh(z2*s) - y)^2)/2'\n"), T_FALSE);
}

/* A network that declares its own parameters, and the action written out beside it. */
static void
test_written_out(void ** state)
{
    const char * text = "name: n\nnetwork:\n  parameters: [{name: a, shape: [2], domain: \"(0, inf)\"}, {name: w, shape: [2], domain: \"(0, inf)\"}]\n"
        "  objective: 'mean(squarederror(a @ relu(w*x), y))'\n"
        "data: {columns: [x, y], rows: [[\"1\", \"2\"], [\"2\", \"3\"]]}\n"
        "metric: [[\"a1^2\", 0, 0, 0], [0, \"a2^2\", 0, 0], [0, 0, \"w1^2\", 0], [0, 0, 0, \"w2^2\"]]\n"
        "action: {generators: [[\"-a1\", 0, \"w1\", 0], [0, \"-a2\", 0, \"w2\"]], elements: []}\n";
    const char * loss = "name: n\npreset: {kind: relu-layer, inputs: 1, hidden: 2}\n"
        "data: {columns: [x, y], rows: [[\"1\", \"2\"], [\"2\", \"3\"]]}\nloss: 'mean(((z1 + z2)*x - y)^2)/2'\n";

    (void) state;
    agree(text, loss, T_TRUE);
}

/* With kinks of any sign; and what is no symmetry is refuted with a point. */
static caustic_verdict
loss_verdict(const char * text, int * has_kink)
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    caustic_verdict verdict = 0;

    read_case(problem, text);
    caustic_reduction_init(reduction, problem->setting);
    for (slong i = 0; i < reduction->checks->length; i++)
    {
        if (strcmp(reduction->checks->entries[i].name, "loss") == 0)
        {
            verdict = reduction->checks->entries[i].verdict;
            *has_kink = strstr(reduction->checks->entries[i].detail, "kink") != NULL;
            assert_true(verdict != CAUSTIC_REFUTED || strstr(reduction->checks->entries[i].detail, "fails at") != NULL);
        }
    }
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
    return verdict;
}

static void
test_kinks(void ** state)
{
    int kink;

    (void) state;
    assert_int_equal(loss_verdict(RELU("loss: 'mean((a1*relu(w11*r + w12) + a2*relu(w21*r + w22) - v)^2)'\n"), &kink), CAUSTIC_PROVED);
    assert_true(kink);
    assert_int_equal(loss_verdict(RELU("loss: 'mean((a1*abs(w11*r + w12) - v)^2) + mean((a2*abs(w21*r + w22) - v)^2)'\n"), &kink), CAUSTIC_PROVED);
    /* not homogeneous, homogeneous of the wrong degree, and one constant off */
    assert_int_equal(loss_verdict(RELU("loss: 'mean((a1*relu(w11*r + w12 + 1) + a2*relu(w21*r + w22 + 1) - v)^2)'\n"), &kink), CAUSTIC_REFUTED);
    assert_int_equal(loss_verdict(RELU("loss: 'mean((a1^2*relu(w11*r + w12) + a2^2*relu(w21*r + w22) - v)^2)'\n"), &kink), CAUSTIC_REFUTED);
    /* relu(-x) is not -relu(x), and |x| not x */
    assert_int_equal(loss_verdict("name: n\npreset: {kind: tanh-layer, inputs: 1, hidden: 1}\nloss: 'a*relu(w)'\n", &kink), CAUSTIC_REFUTED);
    assert_int_equal(loss_verdict("name: n\npreset: {kind: tanh-layer, inputs: 1, hidden: 1}\nloss: 'abs(a)*abs(w)'\n", &kink), CAUSTIC_PROVED);
    /* relu(x) - relu(-x) = x, relu(x) + relu(-x) = |x| */
    assert_int_equal(loss_verdict("name: n\npreset: {kind: tanh-layer, inputs: 1, hidden: 1}\nloss: '(relu(a) - relu(-a))*(relu(w) - relu(-w))'\n", &kink), CAUSTIC_PROVED);
}

/* Many rows: more functions than one field holds. Proved all the same, and refuted where one row is off. */
static void
many_rows(caustic_verdict expected, const char * preset, const char * parameters, const char * objective)
{
    caustic_text_t text;
    int kink;

    caustic_text_init(text);
    caustic_text_printf(text, "name: n\npreset: {%s}\ndata: {columns: [x, y, s], rows: [", preset);
    for (slong i = 0; i < 30; i++)
        caustic_text_printf(text, "%s[\"%ld/7\", \"%ld/3\", \"%d\"]", i > 0 ? ", " : "", (long) (i * i) % 23 - 11, (long) i % 5, i == 17);
    caustic_text_printf(text, "]}\nnetwork: {parameters: [%s], objective: '%s'}\n", parameters, objective);
    if (loss_verdict(text->data, &kink) != expected)
        fail_msg("%s", text->data);
    caustic_text_clear(text);
}

static void
test_many_rows(void ** state)
{
    const char * layer = "kind: relu-layer, inputs: 2, hidden: 3", * shapes = "{name: w, shape: [3, 2]}, {name: a, shape: [3]}";
    const char * tanh_layer = "kind: tanh-layer, inputs: 2, hidden: 3", * sphere = "kind: batchnorm, fan_in: 3";

    (void) state;
    many_rows(CAUSTIC_PROVED, layer, shapes, "mean(squarederror(a @ relu(w @ [x, 1]), y))");
    many_rows(CAUSTIC_REFUTED, layer, shapes, "mean(squarederror(a @ relu(w @ [x, 1] + s), y))");
    many_rows(CAUSTIC_PROVED, tanh_layer, shapes, "mean(squarederror(a @ tanh(w @ [x, 1]), y))");
    many_rows(CAUSTIC_PROVED, tanh_layer, shapes, "mean(logistic(a @ sin(w @ [x, 1]) + (a^2) @ cosh(w @ [x, 1]), y))");
    many_rows(CAUSTIC_PROVED, sphere, "{name: w, shape: [3]}", "mean(squarederror(tanh(standardize([x, y, 1] @ w)), y))");
    many_rows(CAUSTIC_REFUTED, sphere, "{name: w, shape: [3]}", "mean(squarederror(tanh(standardize([x, y, 1] @ w) + s*w[1]), y))");
    many_rows(CAUSTIC_PROVED, "kind: softmax-bias, classes: 3", "{name: b, shape: [3]}", "mean(crossentropy(b + [x, y, 1], [y, 1, s]))");
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_tensors),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_convolution),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_agreement_with_presets),
        cmocka_unit_test(test_written_out),
        cmocka_unit_test(test_kinks),
        cmocka_unit_test(test_many_rows)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
