/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Presets: what each writes, checked at random rational points by arithmetic of this file's own
    (invariants, section, isometry, what comes down to the quotient, the closed formulas of the
    theory), by the reduction, and what a wrong option is told.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <flint/fmpq_mat.h>
#include <flint/fmpq_vec.h>
#include <caustic/architectures.h>
#include <caustic/geometry.h>
#include "../src/architectures/words.h"

typedef struct
{
    caustic_pool * pool;
    caustic_setting_t setting;
    caustic_text_t words;
    caustic_error_t error;
    caustic_result status;
}
expansion;

static void
begin(expansion * x, const char * kind, const caustic_preset_option * options, slong length)
{
    caustic_origin origin = {"test.yaml", 3, 7};

    x->pool = caustic_pool_new();
    caustic_setting_init(x->setting, x->pool);
    caustic_text_init(x->words);
    caustic_error_init(x->error);
    x->status = caustic_preset_expand(x->setting, x->words, x->pool, kind, options, length, &origin, x->error);
}

static void
end(expansion * x)
{
    caustic_setting_clear(x->setting);
    caustic_pool_free(x->pool);
    caustic_text_clear(x->words);
    caustic_error_clear(x->error);
}

/* Options as text, "model=2 product=vo rotary=true widths=2,3,1". */
static void
begin_text(expansion * x, const char * kind, const char * text)
{
    caustic_preset_option options[5] = {{0}};
    slong lists[5][32];
    char copy[200], * rest = copy, * word;
    slong length = 0;

    snprintf(copy, sizeof(copy), "%s", text);
    while ((word = strsep(&rest, " ")) != NULL)
    {
        char * value = strchr(word, '='), * entry;

        assert_non_null(value);
        *value++ = 0;
        options[length].key = word;
        options[length].line = 4;
        options[length].column = 10 * (length + 1);
        if (strcmp(word, "widths") == 0)
        {
            options[length].list = lists[length];
            while ((entry = strsep(&value, ",")) != NULL)
                lists[length][options[length].length++] = atol(entry);
        }
        else if (value[0] >= '0' && value[0] <= '9')
            options[length].integer = atol(value);
        else
            options[length].word = value;
        length++;
    }
    begin(x, kind, options, length);
    if (x->status != CAUSTIC_OK)
    {
        print_message("%s %s: %s\n", kind, text, x->error->message);
        fail();
    }
}

/* The expression is the node that the text parses to. */
static void
is(const expansion * x, caustic_expr e, const char * text)
{
    char * string;

    assert_int_not_equal(e, CAUSTIC_NONE);
    string = caustic_expr_string(x->pool, e);
    assert_string_equal(string, text);
    flint_free(string);
}

static void
check_chain(slong depth)
{
    expansion x;
    caustic_preset_option option = {"depth", 0, NULL, 3, 9, NULL, 0};
    const caustic_setting_struct * s = x.setting;
    caustic_expr product;
    char text[64];
    slong i, j;

    option.integer = depth;
    begin(&x, "relu-chain", &option, 1);
    assert_int_equal(x.status, CAUSTIC_OK);
    assert_int_equal(s->parameters, depth);
    assert_int_equal(s->generators, depth - 1);
    assert_int_equal(s->elements, 0);
    assert_int_equal(s->coordinates, 1);
    assert_int_equal(s->strata, 0);
    assert_int_equal(s->loss, CAUSTIC_NONE);
    product = caustic_integer(x.pool, 1);
    for (i = 0; i < depth; i++)
    {
        snprintf(text, sizeof(text), "w%ld", (long) i + 1);
        is(&x, s->parameter[i], text);
        assert_true(caustic_expr_is_positive_symbol(x.pool, s->parameter[i]));
        assert_true(caustic_interval_is_positive(s->parameter_domain + i));
        assert_true(s->parameter_domain[i].upper_infinite);
        product = caustic_mul(x.pool, product, s->parameter[i]);
        for (j = 0; j < depth; j++)
        {
            snprintf(text, sizeof(text), "w%ld^2", (long) i + 1);
            is(&x, s->inverse_metric[i * depth + j], i == j ? text : "0");
        }
        is(&x, s->section[i], i == depth - 1 ? "z" : "1");
    }
    for (i = 0; i < depth - 1; i++)
    {
        for (j = 0; j < depth; j++)
        {
            snprintf(text, sizeof(text), j == i ? "-w%ld" : "w%ld", (long) j + 1);
            is(&x, s->generator[i * depth + j], (j == i || j == i + 1) ? text : "0");
        }
    }
    assert_int_equal(s->invariant[0], product);
    is(&x, s->coordinate[0], "z");
    assert_true(caustic_expr_is_positive_symbol(x.pool, s->coordinate[0]));
    assert_true(caustic_interval_is_positive(s->coordinate_domain));
    end(&x);
}

static void
test_relu_chain(void ** state)
{
    (void) state;
    check_chain(2);
    check_chain(3);
    check_chain(17);
}

/* Exact values *******************************************************************************/

/* Values of the parameters or of the coordinates. */
typedef struct
{
    expansion * x;
    slong length;
    const caustic_expr * symbol;
    caustic_expr * number;
}
place;

static void
place_init(place * p, expansion * x, const caustic_expr * symbol, slong length)
{
    p->x = x;
    p->length = length;
    p->symbol = symbol;
    p->number = flint_calloc((size_t) FLINT_MAX(length, 1), sizeof(caustic_expr));
}

static void
place_clear(place * p)
{
    flint_free(p->number);
}

/* The value of an expression, which has to be rational. */
static void
value_at(fmpq_t res, const place * p, caustic_expr e)
{
    caustic_expr v = caustic_substitute(p->x->pool, e, p->symbol, p->number, p->length);

    assert_int_not_equal(v, CAUSTIC_NONE);
    if (caustic_expr_op(p->x->pool, v) != CAUSTIC_OP_NUMBER)
    {
        char * text = caustic_expr_string(p->x->pool, v);

        print_message("not rational: %s\n", text);
        fail();
    }
    fmpq_set(res, caustic_expr_fmpq(p->x->pool, v));
}

static void
matrix_at(fmpq_mat_t res, const place * p, const caustic_expr * entries)
{
    slong c = fmpq_mat_ncols(res);

    for (slong i = 0; i < fmpq_mat_nrows(res) * c; i++)
        value_at(fmpq_mat_entry(res, i / c, i % c), p, entries[i]);
}

/* d_a of each entry. */
static void
slope_at(fmpq_mat_t res, const place * p, const caustic_expr * entries, slong a)
{
    slong c = fmpq_mat_ncols(res);

    for (slong i = 0; i < fmpq_mat_nrows(res) * c; i++)
        value_at(fmpq_mat_entry(res, i / c, i % c), p, caustic_derivative(p->x->pool, entries[i], p->symbol[a]));
}

static void
put_value(place * p, slong i, const fmpq_t value)
{
    p->number[i] = caustic_number(p->x->pool, value);
}

/* A small rational number, positive where it has to be. */
static void
random_value(fmpq_t res, flint_rand_t state, int positive)
{
    slong numerator = (slong) n_randint(state, 7) - 3;

    if (positive && numerator <= 0)
        numerator = 4 - numerator;
    fmpq_set_si(res, numerator, 1 + n_randint(state, 3));
}

static int
in_stratum(const place * p)
{
    const caustic_setting_struct * s = p->x->setting;
    fmpq_t value;
    int answer = 1;

    fmpq_init(value);
    for (slong i = 0; i < s->strata && answer; i++)
    {
        value_at(value, p, s->stratum[i]);
        answer = !fmpq_is_zero(value);
    }
    fmpq_clear(value);
    return answer;
}

/* A random point of the stratum. Where an invariant has a root, one on a section of rational length. */
static void
random_place(place * p, flint_rand_t state)
{
    expansion * x = p->x;
    const caustic_setting_struct * s = x->setting;
    int rooted = strstr(x->words->data, "the chart does not have") != NULL;
    fmpq_t value, scale;
    place z;

    fmpq_init(value);
    fmpq_init(scale);
    place_init(&z, x, s->coordinate, s->coordinates);
    do
    {
        for (slong i = 0; i < s->coordinates; i++)
        {
            random_value(value, state, 0);
            put_value(&z, i, value);
        }
        random_value(scale, state, 1);
        for (slong a = 0; a < s->parameters; a++)
        {
            random_value(value, state, s->parameter_domain[a].lower_infinite == 0);
            if (rooted)
            {
                value_at(value, &z, s->section[a]);
                fmpq_mul(value, value, scale);
            }
            put_value(p, a, value);
        }
    }
    while (!in_stratum(p));
    place_clear(&z);
    fmpq_clear(value);
    fmpq_clear(scale);
}

/* The quotient, at a point of parameter space *************************************************/

typedef struct
{
    fmpq_mat_t cometric;
    fmpq_mat_t drift;
}
quotient;

static void
quotient_init(quotient * q, slong d)
{
    fmpq_mat_init(q->cometric, d, d);
    fmpq_mat_init(q->drift, d, 1);
}

static void
quotient_clear(quotient * q)
{
    fmpq_mat_clear(q->cometric);
    fmpq_mat_clear(q->drift);
}

/* d_a log det A, the trace of A^-1 d_a A. */
static void
log_volume_slope(fmpq_t res, const place * p, const fmpq_mat_t inverse, slong a)
{
    slong n = p->length;
    fmpq_mat_t slope, product;

    fmpq_mat_init(slope, n, n);
    fmpq_mat_init(product, n, n);
    slope_at(slope, p, p->x->setting->inverse_metric, a);
    fmpq_mat_mul(product, inverse, slope);
    fmpq_mat_trace(res, product);
    fmpq_mat_clear(slope);
    fmpq_mat_clear(product);
}

/* F^ij = d z^i A d z^j and B^i = d_a(A^ab d_b z^i) - 1/2 (d_a log det A) A^ab d_b z^i. */
static void
quotient_at(quotient * q, const place * p)
{
    expansion * x = p->x;
    const caustic_setting_struct * s = x->setting;
    slong n = s->parameters, d = s->coordinates;
    caustic_expr * jacobian = flint_malloc((size_t) FLINT_MAX(d * n, 1) * sizeof(caustic_expr));
    fmpq_mat_t a, inverse, dz, dzt, flow, second;
    fmpq_t value, volume;

    fmpq_mat_init(a, n, n);
    fmpq_mat_init(inverse, n, n);
    fmpq_mat_init(dz, d, n);
    fmpq_mat_init(dzt, n, d);
    fmpq_mat_init(flow, d, n);
    fmpq_mat_init(second, n, n);
    fmpq_init(value);
    fmpq_init(volume);

    for (slong i = 0; i < d * n; i++)
        jacobian[i] = caustic_derivative(x->pool, s->invariant[i / n], s->parameter[i % n]);
    matrix_at(a, p, s->inverse_metric);
    assert_true(fmpq_mat_inv(inverse, a));
    matrix_at(dz, p, jacobian);
    fmpq_mat_transpose(dzt, dz);
    fmpq_mat_mul(flow, dz, a);
    fmpq_mat_mul(q->cometric, flow, dzt);

    fmpq_mat_zero(q->drift);
    for (slong k = 0; k < n; k++)
    {
        slope_at(second, p, s->inverse_metric, k);
        log_volume_slope(volume, p, inverse, k);
        for (slong i = 0; i < d; i++)
        {
            fmpq * sum = fmpq_mat_entry(q->drift, i, 0);

            fmpq_mul(value, volume, fmpq_mat_entry(flow, i, k));
            fmpq_div_2exp(value, value, 1);
            fmpq_sub(sum, sum, value);
            for (slong b = 0; b < n; b++)
            {
                fmpq_addmul(sum, fmpq_mat_entry(second, k, b), fmpq_mat_entry(dz, i, b));
                if (fmpq_is_zero(fmpq_mat_entry(a, k, b)))
                    continue;
                value_at(value, p, caustic_derivative(x->pool, jacobian[i * n + b], s->parameter[k]));
                fmpq_addmul(sum, fmpq_mat_entry(a, k, b), value);
            }
        }
    }

    flint_free(jacobian);
    fmpq_mat_clear(a);
    fmpq_mat_clear(inverse);
    fmpq_mat_clear(dz);
    fmpq_mat_clear(dzt);
    fmpq_mat_clear(flow);
    fmpq_mat_clear(second);
    fmpq_clear(value);
    fmpq_clear(volume);
}

/* What a setting has to be, at a point *********************************************************/

/* xi z = 0 for each generator and coordinate; the ranks are k and d. */
static int
is_invariant(const place * p)
{
    expansion * x = p->x;
    const caustic_setting_struct * s = x->setting;
    slong n = s->parameters, d = s->coordinates, k = s->generators;
    fmpq_mat_t xi, dzt, product;
    int answer;

    fmpq_mat_init(xi, k, n);
    fmpq_mat_init(dzt, n, d);
    fmpq_mat_init(product, k, d);
    matrix_at(xi, p, s->generator);
    for (slong i = 0; i < d; i++)
        for (slong a = 0; a < n; a++)
            value_at(fmpq_mat_entry(dzt, a, i), p, caustic_derivative(x->pool, s->invariant[i], s->parameter[a]));
    fmpq_mat_mul(product, xi, dzt);
    answer = fmpq_mat_is_zero(product) && fmpq_mat_rref(xi, xi) == k && fmpq_mat_rref(dzt, dzt) == d && k + d == n;
    fmpq_mat_clear(xi);
    fmpq_mat_clear(dzt);
    fmpq_mat_clear(product);
    return answer;
}

/* xi(A^bc) = A^ec d_e xi^b + A^be d_e xi^c. */
static int
is_isometry(const place * p, slong generator)
{
    const caustic_setting_struct * s = p->x->setting;
    slong n = s->parameters;
    const caustic_expr * xi = s->generator + generator * n;
    fmpq_mat_t a, slope, along, bend, moved, transpose;
    fmpq_t speed;
    int answer;

    fmpq_mat_init(a, n, n);
    fmpq_mat_init(slope, n, n);
    fmpq_mat_init(along, n, n);
    fmpq_mat_init(bend, n, n);
    fmpq_mat_init(moved, n, n);
    fmpq_mat_init(transpose, n, n);
    fmpq_init(speed);
    matrix_at(a, p, s->inverse_metric);
    for (slong e = 0; e < n; e++)
    {
        value_at(speed, p, xi[e]);
        slope_at(slope, p, s->inverse_metric, e);
        fmpq_mat_scalar_mul_fmpq(slope, slope, speed);
        fmpq_mat_add(along, along, slope);
        for (slong b = 0; b < n; b++)
            value_at(fmpq_mat_entry(bend, b, e), p, caustic_derivative(p->x->pool, xi[b], s->parameter[e]));
    }
    fmpq_mat_mul(moved, bend, a);
    fmpq_mat_transpose(transpose, moved);
    fmpq_mat_add(moved, moved, transpose);
    answer = fmpq_mat_equal(along, moved);
    fmpq_mat_clear(a);
    fmpq_mat_clear(slope);
    fmpq_mat_clear(along);
    fmpq_mat_clear(bend);
    fmpq_mat_clear(moved);
    fmpq_mat_clear(transpose);
    fmpq_clear(speed);
    return answer;
}

/* Symmetric, with positive pivots. */
static int
is_positive_definite(const place * p)
{
    slong n = p->length;
    fmpq_mat_t a, transpose;
    fmpq_t factor;
    int answer;

    fmpq_mat_init(a, n, n);
    fmpq_mat_init(transpose, n, n);
    fmpq_init(factor);
    matrix_at(a, p, p->x->setting->inverse_metric);
    fmpq_mat_transpose(transpose, a);
    answer = fmpq_mat_equal(a, transpose);
    for (slong k = 0; k < n && answer; k++)
    {
        answer = fmpq_sgn(fmpq_mat_entry(a, k, k)) > 0;
        for (slong i = k + 1; i < n && answer; i++)
        {
            fmpq_div(factor, fmpq_mat_entry(a, i, k), fmpq_mat_entry(a, k, k));
            for (slong j = k; j < n; j++)
                fmpq_submul(fmpq_mat_entry(a, i, j), factor, fmpq_mat_entry(a, k, j));
        }
    }
    fmpq_mat_clear(a);
    fmpq_mat_clear(transpose);
    fmpq_clear(factor);
    return answer;
}

static void
coordinates_of(place * z, const place * p)
{
    const caustic_setting_struct * s = p->x->setting;
    fmpq_t value;

    fmpq_init(value);
    for (slong i = 0; i < s->coordinates; i++)
    {
        value_at(value, p, s->invariant[i]);
        put_value(z, i, value);
    }
    fmpq_clear(value);
}

static void
section_of(place * p, const place * z)
{
    const caustic_setting_struct * s = p->x->setting;
    fmpq_t value;

    fmpq_init(value);
    for (slong a = 0; a < s->parameters; a++)
    {
        value_at(value, z, s->section[a]);
        put_value(p, a, value);
    }
    fmpq_clear(value);
}

static int
same_place(const place * a, const place * b)
{
    for (slong i = 0; i < a->length; i++)
        if (a->number[i] != b->number[i])
            return 0;

    return 1;
}

/* Where an element takes a point. */
static void
moved_place(place * image, const place * p, slong element)
{
    const caustic_setting_struct * s = p->x->setting;
    fmpq_t value;

    fmpq_init(value);
    for (slong a = 0; a < s->parameters; a++)
    {
        value_at(value, p, s->element[element * s->parameters + a]);
        put_value(image, a, value);
    }
    fmpq_clear(value);
}

/* D A(p) D^T = A(s(p)) for the substitution's matrix of derivatives D. */
static int
element_is_isometry(const place * p, slong element)
{
    const caustic_setting_struct * s = p->x->setting;
    slong n = s->parameters;
    fmpq_mat_t a, there, slope, product, transpose;
    place image;
    int answer;

    fmpq_mat_init(a, n, n);
    fmpq_mat_init(there, n, n);
    fmpq_mat_init(slope, n, n);
    fmpq_mat_init(product, n, n);
    fmpq_mat_init(transpose, n, n);
    place_init(&image, p->x, s->parameter, n);
    moved_place(&image, p, element);
    matrix_at(a, p, s->inverse_metric);
    matrix_at(there, &image, s->inverse_metric);
    for (slong i = 0; i < n; i++)
        for (slong e = 0; e < n; e++)
            value_at(fmpq_mat_entry(slope, i, e), p,
                caustic_derivative(p->x->pool, s->element[element * n + i], s->parameter[e]));
    fmpq_mat_mul(product, slope, a);
    fmpq_mat_transpose(transpose, slope);
    fmpq_mat_mul(a, product, transpose);
    answer = fmpq_mat_equal(a, there);
    fmpq_mat_clear(a);
    fmpq_mat_clear(there);
    fmpq_mat_clear(slope);
    fmpq_mat_clear(product);
    fmpq_mat_clear(transpose);
    place_clear(&image);
    return answer;
}

/* Formulas of the theory **********************************************************************/

/* What has to come down at the coordinates z; NULL: nothing is known but that it comes down. */
typedef void (* formula)(quotient * q, const place * z, const slong * size);

static void
z_at(fmpq_t res, const place * z, slong i)
{
    fmpq_set(res, caustic_expr_fmpq(z->x->pool, z->number[i]));
}

static void
z_vector(fmpq_mat_t res, const place * z)
{
    for (slong i = 0; i < z->length; i++)
        z_at(fmpq_mat_entry(res, i, 0), z, i);
}

/* sum of c_i z_i^2, c_i = 1 without c. */
static void
square_of(fmpq_t res, const place * z, const fmpq * c)
{
    fmpq_t value;

    fmpq_init(value);
    fmpq_zero(res);
    for (slong i = 0; i < z->length; i++)
    {
        z_at(value, z, i);
        fmpq_mul(value, value, value);
        if (c != NULL)
            fmpq_mul(value, value, c + i);
        fmpq_add(res, res, value);
    }
    fmpq_clear(value);
}

/* g = D z^2, b = D z. */
static void
chain_formula(quotient * q, const place * z, const slong * size)
{
    fmpq_t value;

    fmpq_init(value);
    z_at(value, z, 0);
    fmpq_mul_si(fmpq_mat_entry(q->drift, 0, 0), value, size[0]);
    fmpq_mul(value, value, fmpq_mat_entry(q->drift, 0, 0));
    fmpq_set(fmpq_mat_entry(q->cometric, 0, 0), value);
    fmpq_clear(value);
}

/* g = z z^T + |z|^2 I, b = (3 - n) z. */
static void
vector_formula(quotient * q, const place * z, const slong * size)
{
    slong n = z->length;
    fmpq_mat_t v, vt;
    fmpq_t square;

    (void) size;
    fmpq_mat_init(v, n, 1);
    fmpq_mat_init(vt, 1, n);
    fmpq_init(square);
    z_vector(v, z);
    fmpq_mat_transpose(vt, v);
    square_of(square, z, NULL);
    fmpq_mat_mul(q->cometric, v, vt);
    for (slong i = 0; i < n; i++)
    {
        fmpq_add(fmpq_mat_entry(q->cometric, i, i), fmpq_mat_entry(q->cometric, i, i), square);
        fmpq_mul_si(fmpq_mat_entry(q->drift, i, 0), fmpq_mat_entry(v, i, 0), 3 - n);
    }
    fmpq_mat_clear(v);
    fmpq_mat_clear(vt);
    fmpq_clear(square);
}

/* The p x n matrix of rank r whose entries with i < r or j < r are coordinates, in this order. */
static void
complete_matrix(fmpq_mat_t m, const place * z, slong r)
{
    slong p = fmpq_mat_nrows(m), n = fmpq_mat_ncols(m), next = 0;
    fmpq_mat_t corner, top, left, mixed;

    for (slong i = 0; i < p; i++)
        for (slong j = 0; j < n; j++)
            if (i < r || j < r)
                z_at(fmpq_mat_entry(m, i, j), z, next++);
    assert_int_equal(next, z->length);

    fmpq_mat_init(corner, r, r);
    fmpq_mat_init(top, r, n - r);
    fmpq_mat_init(left, p - r, r);
    fmpq_mat_init(mixed, p - r, n - r);
    for (slong i = 0; i < p; i++)
        for (slong j = 0; j < n; j++)
            if (i < r && j < r)
                fmpq_set(fmpq_mat_entry(corner, i, j), fmpq_mat_entry(m, i, j));
            else if (i < r)
                fmpq_set(fmpq_mat_entry(top, i, j - r), fmpq_mat_entry(m, i, j));
            else if (j < r)
                fmpq_set(fmpq_mat_entry(left, i - r, j), fmpq_mat_entry(m, i, j));
    if (r < p && r < n)
    {
        assert_true(fmpq_mat_inv(corner, corner));
        fmpq_mat_mul(top, corner, top);
        fmpq_mat_mul(mixed, left, top);
        for (slong i = r; i < p; i++)
            for (slong j = r; j < n; j++)
                fmpq_set(fmpq_mat_entry(m, i, j), fmpq_mat_entry(mixed, i - r, j - r));
    }
    fmpq_mat_clear(corner);
    fmpq_mat_clear(top);
    fmpq_mat_clear(left);
    fmpq_mat_clear(mixed);
}

/* g(P,P) = s |P M^T|^2 + s |P^T M|^2 + t |P|^2 and b = c M, size = (p, n, r, s, t, c). */
static void
matrix_formula(quotient * q, const place * z, const slong * size)
{
    slong p = size[0], n = size[1], r = size[2];
    slong row[64], column[64], d = 0;
    fmpq_mat_t m, mt, rows, columns;
    fmpq_t value;

    fmpq_mat_init(m, p, n);
    fmpq_mat_init(mt, n, p);
    fmpq_mat_init(rows, p, p);
    fmpq_mat_init(columns, n, n);
    fmpq_init(value);
    complete_matrix(m, z, r);
    fmpq_mat_transpose(mt, m);
    fmpq_mat_mul(rows, m, mt);
    fmpq_mat_mul(columns, mt, m);
    for (slong i = 0; i < p; i++)
        for (slong j = 0; j < n; j++)
            if (i < r || j < r)
            {
                row[d] = i;
                column[d++] = j;
            }
    for (slong e = 0; e < d; e++)
    {
        for (slong f = 0; f < d; f++)
        {
            fmpq_set_si(value, e == f ? size[4] : 0, 1);
            if (row[e] == row[f])
                fmpq_add(value, value, fmpq_mat_entry(columns, column[e], column[f]));
            if (column[e] == column[f])
                fmpq_add(value, value, fmpq_mat_entry(rows, row[e], row[f]));
            fmpq_set(fmpq_mat_entry(q->cometric, e, f), value);
        }
        fmpq_mul_si(fmpq_mat_entry(q->drift, e, 0), fmpq_mat_entry(m, row[e], column[e]), size[3]);
    }
    fmpq_mat_clear(m);
    fmpq_mat_clear(mt);
    fmpq_mat_clear(rows);
    fmpq_mat_clear(columns);
    fmpq_clear(value);
}

/* As above, with the first row and then the first column as coordinates. */
static void
cross_formula(quotient * q, const place * z, const slong * size)
{
    slong p = size[0], n = size[1], d = p + n - 1;
    fmpq_t value;
    fmpq_mat_t m;

    fmpq_mat_init(m, p, n);
    fmpq_init(value);
    for (slong i = 0; i < p; i++)
        for (slong j = 0; j < n; j++)
        {
            z_at(fmpq_mat_entry(m, i, j), z, i == 0 ? j : n + i - 1);
            if (i > 0 && j > 0)
            {
                z_at(value, z, j);
                fmpq_mul(fmpq_mat_entry(m, i, j), fmpq_mat_entry(m, i, j), value);
                z_at(value, z, 0);
                fmpq_div(fmpq_mat_entry(m, i, j), fmpq_mat_entry(m, i, j), value);
            }
        }
    for (slong e = 0; e < d; e++)
    {
        slong i = e < n ? 0 : e - n + 1, j = e < n ? e : 0;

        for (slong f = 0; f < d; f++)
        {
            slong k = f < n ? 0 : f - n + 1, l = f < n ? f : 0;
            fmpq * g = fmpq_mat_entry(q->cometric, e, f);

            fmpq_zero(g);
            for (slong c = 0; c < p && i == k; c++)
                fmpq_addmul(g, fmpq_mat_entry(m, c, j), fmpq_mat_entry(m, c, l));
            for (slong c = 0; c < n && j == l; c++)
                fmpq_addmul(g, fmpq_mat_entry(m, i, c), fmpq_mat_entry(m, k, c));
        }
        fmpq_mul_si(fmpq_mat_entry(q->drift, e, 0), fmpq_mat_entry(m, i, j), 4 - p - n);
    }
    fmpq_mat_clear(m);
    fmpq_clear(value);
}

/* Stereographic on the unit sphere: with y_i = sqrt(c_i) z_i, g = (1+|y|^2)^2/4, b = (2-d)(1+|y|^2)/2 y. */
static void
sphere_formula(quotient * q, const place * z, const fmpq * c)
{
    slong d = z->length;
    fmpq_t scale, value;

    fmpq_init(scale);
    fmpq_init(value);
    square_of(scale, z, c);
    fmpq_add_si(scale, scale, 1);
    fmpq_div_2exp(scale, scale, 1);
    fmpq_mat_zero(q->cometric);
    for (slong i = 0; i < d; i++)
    {
        z_at(value, z, i);
        fmpq_mul(value, value, scale);
        fmpq_mul_si(fmpq_mat_entry(q->drift, i, 0), value, 2 - d);
        fmpq_mul(value, scale, scale);
        if (c != NULL)
            fmpq_div(value, value, c + i);
        fmpq_set(fmpq_mat_entry(q->cometric, i, i), value);
    }
    fmpq_clear(scale);
    fmpq_clear(value);
}

static void
stereographic_formula(quotient * q, const place * z, const slong * size)
{
    (void) size;
    sphere_formula(q, z, NULL);
}

/* The contrast of k+1 rows has length sqrt(k(k+1)): c = m(m-1)/(k(k+1)), size = (m, n). */
static void
layernorm_formula(quotient * q, const place * z, const slong * size)
{
    fmpq * c = _fmpq_vec_init(z->length + 1);

    for (slong i = 0; i < z->length; i++)
    {
        slong k = i / size[1] + 1;

        fmpq_set_si(c + i, size[0] * (size[0] - 1), (ulong) (k * (k + 1)));
    }
    sphere_formula(q, z, c);
    _fmpq_vec_clear(c, z->length + 1);
}

/* g = (1+|z|^2)(I + z z^T), b = 2 z (1+|z|^2). */
static void
gnomonic_formula(quotient * q, const place * z, const slong * size)
{
    slong d = z->length;
    fmpq_mat_t v, vt;
    fmpq_t scale;

    (void) size;
    fmpq_mat_init(v, d, 1);
    fmpq_mat_init(vt, 1, d);
    fmpq_init(scale);
    square_of(scale, z, NULL);
    fmpq_add_si(scale, scale, 1);
    z_vector(v, z);
    fmpq_mat_transpose(vt, v);
    fmpq_mat_mul(q->cometric, v, vt);
    for (slong i = 0; i < d; i++)
        fmpq_add_si(fmpq_mat_entry(q->cometric, i, i), fmpq_mat_entry(q->cometric, i, i), 1);
    fmpq_mat_scalar_mul_fmpq(q->cometric, q->cometric, scale);
    fmpq_add(scale, scale, scale);
    fmpq_mat_scalar_mul_fmpq(q->drift, v, scale);
    fmpq_mat_clear(v);
    fmpq_mat_clear(vt);
    fmpq_clear(scale);
}

/* g = s I + t (1 1^T), b = 0. */
static void
constant_formula(quotient * q, const place * z, const slong * size)
{
    fmpq_mat_zero(q->drift);
    for (slong i = 0; i < z->length; i++)
        for (slong j = 0; j < z->length; j++)
            fmpq_set_si(fmpq_mat_entry(q->cometric, i, j), (i == j ? size[0] : 0) + size[1], 1);
}

/* Power sums of three: g^kl = k l p_(k+l-2), b^k = N k (k-1) p_(k-2), p_4 by Newton. */
static void
power_sum_formula(quotient * q, const place * z, const slong * size)
{
    fmpq * p = _fmpq_vec_init(5);
    fmpq_t term;

    (void) size;
    fmpq_init(term);
    fmpq_set_si(p, 1, 1);
    for (slong k = 1; k <= 3; k++)
        z_at(p + k, z, k - 1);

    fmpq_pow_si(term, p + 1, 4);
    fmpq_mul_si(term, term, 9);
    fmpq_div_2exp(p + 4, term, 1);
    fmpq_mul(term, p + 1, p + 1);
    fmpq_mul(term, term, p + 2);
    fmpq_mul_si(term, term, -9);
    fmpq_add(p + 4, p + 4, term);
    fmpq_mul(term, p + 1, p + 3);
    fmpq_mul_si(term, term, 4);
    fmpq_add(p + 4, p + 4, term);
    fmpq_mul(term, p + 2, p + 2);
    fmpq_mul_si(term, term, 3);
    fmpq_div_2exp(term, term, 1);
    fmpq_add(p + 4, p + 4, term);

    for (slong k = 1; k <= 3; k++)
    {
        for (slong l = 1; l <= 3; l++)
            fmpq_mul_si(fmpq_mat_entry(q->cometric, k - 1, l - 1), p + k + l - 2, k * l);
        fmpq_mul_si(fmpq_mat_entry(q->drift, k - 1, 0), k == 1 ? p : p + k - 2, 3 * k * (k - 1));
    }
    _fmpq_vec_clear(p, 5);
    fmpq_clear(term);
}

/* A path of a network with L layers has L weights: g^ii = L z_i^2, b = L z, and two paths share from 0 to L of them. Off the
   diagonal the formula takes what it is given, where that is so. */
static void
network_formula(quotient * q, const place * z, const slong * size)
{
    fmpq_t product, shared;

    fmpq_init(product);
    fmpq_init(shared);
    for (slong i = 0; i < z->length; i++)
    {
        for (slong j = 0; j < z->length; j++)
        {
            z_at(product, z, i);
            z_at(shared, z, j);
            fmpq_mul(product, product, shared);
            fmpq_div(shared, fmpq_mat_entry(q->cometric, i, j), product);
            assert_true(fmpz_is_one(fmpq_denref(shared)));
            assert_true(fmpq_sgn(shared) >= 0 && fmpq_cmp_si(shared, size[0]) <= (i == j ? 0 : -1));
            if (i == j)
                fmpq_mul_si(fmpq_mat_entry(q->cometric, i, j), product, size[0]);
        }
        z_at(product, z, i);
        fmpq_mul_si(fmpq_mat_entry(q->drift, i, 0), product, size[0]);
    }
    fmpq_clear(product);
    fmpq_clear(shared);
}

/* Rotary, one pair: T of rank one with T_ij = T_i1 T_1j / T_11; the real and imaginary parts of T_ij have the squared length
   |row i|^2 + |column j|^2, and b = (4 - 4 d) z. Off the diagonal only a part and its own other part are known: 0. */
static void
rotary_formula(quotient * q, const place * z, const slong * size)
{
    slong d = size[0];
    fmpq * norm = _fmpq_vec_init(z->length);
    fmpq_t rows, columns, value;

    fmpq_init(rows);
    fmpq_init(columns);
    fmpq_init(value);
    for (slong e = 0; e < z->length; e++)
    {
        z_at(value, z, e);
        fmpq_mul(value, value, value);
        fmpq_add(norm + e / 2, norm + e / 2, value);
        if (e / 2 < d)
            fmpq_add(rows, rows, value);
        if (e / 2 == 0 || e / 2 >= d)
            fmpq_add(columns, columns, value);
        z_at(value, z, e);
        fmpq_mul_si(fmpq_mat_entry(q->drift, e, 0), value, 4 - 4 * d);
    }
    for (slong e = 0; e < z->length; e++)
    {
        fmpq * g = fmpq_mat_entry(q->cometric, e, e);

        /* entry (1,j): the first row, and column j, which is |T_1j|^2/|T_11|^2 times the first column */
        fmpq_div(value, norm + e / 2, norm);
        fmpq_mul(value, value, e / 2 < d ? columns : rows);
        fmpq_add(g, value, e / 2 < d ? rows : columns);
        fmpq_zero(fmpq_mat_entry(q->cometric, e, e ^ 1));
    }
    _fmpq_vec_clear(norm, z->length);
    fmpq_clear(rows);
    fmpq_clear(columns);
    fmpq_clear(value);
}

/* Samples *************************************************************************************/

#define POINTS 3

typedef struct
{
    const char * kind;
    const char * options;
    slong dimension;   /* of the unit's quotient, spheres apart */
    const char * curvature; /* scalar, of what is not spheres; NULL: not compared */
    formula formula;
    slong size[6];
    int later;         /* the reduction does not do it yet, or not soon */
}
sample;

static const sample samples[] =
{
    {"relu-chain", "depth=2", 1, "0", chain_formula, {2}, 0},
    {"relu-chain", "depth=5", 1, "0", chain_formula, {5}, 0},
    {"relu-neuron", "inputs=1", 1, "0", vector_formula, {0}, 0},
    {"relu-neuron", "inputs=2 outputs=1", 2, "0", vector_formula, {0}, 0},
    {"relu-neuron", "inputs=3", 3, "2", vector_formula, {0}, 0},
    {"relu-neuron", "inputs=5", 5, "12", vector_formula, {0}, 0},
    {"relu-neuron", "inputs=1 outputs=3", 3, "2", vector_formula, {0}, 0},
    {"relu-neuron", "inputs=2 outputs=2", 3, "0", cross_formula, {2, 2}, 0},
    {"relu-neuron", "inputs=3 outputs=2", 4, "2", cross_formula, {2, 3}, 0},
    {"relu-neuron", "inputs=2 outputs=4", 5, NULL, cross_formula, {4, 2}, 0},
    {"relu-neuron", "inputs=100", 1, "0", chain_formula, {2}, 0},
    {"relu-neuron", "inputs=100 outputs=3", 1, "0", chain_formula, {2}, 0},
    {"relu-layer", "inputs=3 hidden=4", 3, "2", vector_formula, {0}, 0},
    {"relu-layer", "inputs=784 hidden=512", 1, "0", chain_formula, {2}, 0},
    {"conv-relu", "kernel=2 channels=3", 2, "0", vector_formula, {0}, 0},
    {"conv-relu", "kernel=2 inputs=2 channels=3", 4, NULL, vector_formula, {0}, 0},
    {"relu-network", "widths=2,3,2", 3, "0", network_formula, {2}, 0},
    {"relu-network", "widths=1,1,1", 1, "0", network_formula, {2}, 0},
    {"relu-network", "widths=2,2,2,1", 6, "0", network_formula, {3}, 0},
    {"relu-network", "widths=2,3,2,2,2", 13, NULL, network_formula, {4}, 0},
    {"tanh-layer", "inputs=2 hidden=3", 3, "0", constant_formula, {1, 0}, 0},
    {"tanh-layer", "inputs=1 hidden=1", 2, "0", constant_formula, {1, 0}, 0},
    {"linear-network", "widths=2,2,2", 4, NULL, matrix_formula, {2, 2, 2, 2, 0}, 0},
    {"linear-network", "widths=3,2,3", 8, NULL, matrix_formula, {3, 3, 2, 0, 0}, 0},
    {"linear-network", "widths=2,1,3", 4, NULL, matrix_formula, {3, 2, 1, -1, 0}, 0},
    {"linear-network", "widths=2,2,2,2", 4, NULL, matrix_formula, {2, 2, 2, 6, 1}, 0},
    {"linear-network", "widths=1,1,1,1", 1, "0", matrix_formula, {1, 1, 1, 4, 1}, 0},
    {"linear-network", "widths=1,1,1", 1, "0", matrix_formula, {1, 1, 1, 2, 0}, 0},
    {"linear-network", "widths=2,2,3", 6, NULL, NULL, {0}, 0},
    {"linear-network", "widths=2,3,3", 6, NULL, NULL, {0}, 0},
    {"linear-network", "widths=3,3,2", 6, NULL, NULL, {0}, 0},
    {"linear-network", "widths=1,2,3", 4, NULL, NULL, {0}, 0},
    {"linear-network", "widths=3,2,1", 4, NULL, NULL, {0}, 0},
    {"linear-network", "widths=1,2,3,3", 4, NULL, NULL, {0}, 1},
    {"linear-network", "widths=3,1,2,2", 4, NULL, NULL, {0}, 0},
    {"linear-network", "widths=3,2,1,2", 5, NULL, NULL, {0}, 0},
    {"linear-network", "widths=1,2,3,4", 7, NULL, NULL, {0}, 1},
    {"linear-network", "widths=2,1,1,1,2", 3, NULL, NULL, {0}, 0},
    {"batchnorm", "fan_in=2", 1, "0", stereographic_formula, {0}, 0},
    {"batchnorm", "fan_in=4 chart=stereographic", 3, "6", stereographic_formula, {0}, 0},
    {"batchnorm", "fan_in=2 chart=gnomonic", 1, "0", gnomonic_formula, {0}, 0},
    {"batchnorm", "fan_in=4 chart=gnomonic", 3, "6", gnomonic_formula, {0}, 0},
    {"batchnorm", "fan_in=9", 8, NULL, stereographic_formula, {0}, 0},
    {"batchnorm", "fan_in=10", 0, NULL, constant_formula, {1, 0}, 0},
    {"layernorm", "units=2 fan_in=2", 1, "0", layernorm_formula, {2, 2}, 0},
    {"layernorm", "units=4 fan_in=1", 2, "2", layernorm_formula, {4, 1}, 0},
    {"layernorm", "units=3 fan_in=2", 3, "6", stereographic_formula, {0}, 0},
    {"layernorm", "units=2 fan_in=8", 7, NULL, stereographic_formula, {0}, 0},
    {"layernorm", "units=30 fan_in=2", 0, NULL, constant_formula, {1, 0}, 0},
    {"attention", "model=1 head=1", 1, "0", chain_formula, {2}, 0},
    {"attention", "model=2 head=1 product=vo", 3, "0", matrix_formula, {2, 2, 1, 0, 0}, 0},
    {"attention", "model=3 head=1 product=qk heads=2", 5, "4", matrix_formula, {3, 3, 1, -2, 0}, 0},
    {"attention", "model=2 head=2", 4, "56*(m11*m22 - m12*m21)^2/(m11^2 + m12^2 + m21^2 + m22^2)^2", matrix_formula, {2, 2, 2, 2, 0}, 0},
    {"attention", "model=3 head=2 product=vo", 8, NULL, matrix_formula, {3, 3, 2, 0, 0}, 0},
    {"attention", "model=3 head=3", 9, NULL, matrix_formula, {3, 3, 3, 2, 0}, 0},
    {"attention", "model=64 head=1 heads=8", 1, "0", chain_formula, {2}, 0},
    {"attention", "model=2 head=2 rotary=true", 6, NULL, rotary_formula, {2}, 0},
    {"attention", "model=3 head=2 rotary=true", 10, NULL, rotary_formula, {3}, 0},
    {"attention", "model=4 head=4 rotary=true", 28, NULL, NULL, {0}, 1},
    {"softmax-bias", "classes=2", 1, "0", constant_formula, {1, 1}, 0},
    {"softmax-bias", "classes=5", 4, "0", constant_formula, {1, 1}, 0},
    {"particles", "count=3 dimension=2", 2, "0", constant_formula, {3, 0}, 0},
    {"particles", "count=3 dimension=1 chart=power-sums", 3, NULL, power_sum_formula, {0}, 0}
};

#define SAMPLES ((slong) (sizeof(samples) / sizeof(samples[0])))

#define REQUIRE(sample, condition) require((sample), (condition), #condition)

static void
require(const sample * s, int condition, const char * what)
{
    if (!condition)
    {
        print_message("%s %s: not so: %s\n", s->kind, s->options, what);
        fail();
    }
}

/* One point p of the stratum and the point of the section on its orbit: the same coordinates, and the same cometric and drift,
   those of the theory. Permutations of a covering chart move the coordinates. Counts how often an element moves the point. */
static void
check_place(const sample * s, place * p, slong * moves)
{
    expansion * x = p->x;
    const caustic_setting_struct * setting = x->setting;
    slong n = setting->parameters, d = setting->coordinates;
    int covering = setting->generators == 0 && setting->has_section;
    place z, back, image, other;
    quotient here, there;

    place_init(&z, x, setting->coordinate, d);
    place_init(&other, x, setting->coordinate, d);
    place_init(&back, x, setting->parameter, n);
    place_init(&image, x, setting->parameter, n);
    quotient_init(&here, d);
    quotient_init(&there, d);

    REQUIRE(s, is_invariant(p));
    REQUIRE(s, is_positive_definite(p));
    for (slong k = 0; k < setting->generators; k++)
        REQUIRE(s, is_isometry(p, k));

    coordinates_of(&z, p);
    quotient_at(&here, p);
    for (slong e = 0; e < setting->elements; e++)
    {
        REQUIRE(s, element_is_isometry(p, e));
        moved_place(&image, p, e);
        *moves += !same_place(&image, p);
        moved_place(&back, &image, e);
        REQUIRE(s, same_place(&back, p));
        coordinates_of(&other, &image);
        REQUIRE(s, covering || same_place(&other, &z));
    }
    if (setting->has_section)
    {
        section_of(&back, &z);
        coordinates_of(&other, &back);
        REQUIRE(s, same_place(&other, &z));
        REQUIRE(s, in_stratum(&back));
        quotient_at(&there, &back);
        REQUIRE(s, fmpq_mat_equal(here.cometric, there.cometric));
        REQUIRE(s, fmpq_mat_equal(here.drift, there.drift));
    }
    if (s->formula != NULL)
    {
        fmpq_mat_set(there.cometric, here.cometric);
        fmpq_mat_set(there.drift, here.drift);
        s->formula(&there, &z, s->size);
        REQUIRE(s, fmpq_mat_equal(here.cometric, there.cometric));
        REQUIRE(s, fmpq_mat_equal(here.drift, there.drift));
    }

    place_clear(&z);
    place_clear(&other);
    place_clear(&back);
    place_clear(&image);
    quotient_clear(&here);
    quotient_clear(&there);
}

static void
test_points(void ** state)
{
    flint_rand_t random;

    (void) state;
    flint_rand_init(random);
    for (slong i = 0; i < SAMPLES; i++)
    {
        expansion x;
        place p;
        slong moves = 0;

        begin_text(&x, samples[i].kind, samples[i].options);
        REQUIRE(samples + i, x.setting->coordinates == samples[i].dimension);
        place_init(&p, &x, x.setting->parameter, x.setting->parameters);
        for (slong k = 0; k < POINTS; k++)
        {
            random_place(&p, random);
            check_place(samples + i, &p, &moves);
        }
        /* A random point may be a fixed one, of some elements; not all of all. */
        REQUIRE(samples + i, moves >= x.setting->elements);
        place_clear(&p);
        end(&x);
    }
    flint_rand_clear(random);
}

/* The reduction *******************************************************************************/

/* The reduction of one unit, spheres apart. */
static void
reduce(caustic_reduction_t reduction, expansion * x)
{
    x->setting->copies = 1;
    x->setting->spheres = 0;
    caustic_reduction_init(reduction, x->setting);
}

static void
describe(const sample * s, const caustic_reduction_struct * reduction)
{
    print_message("%s %s\n", s->kind, s->options);
    for (slong i = 0; i < reduction->checks->length; i++)
        print_message("    %s %s: %s\n", caustic_verdict_name(reduction->checks->entries[i].verdict),
            reduction->checks->entries[i].name, reduction->checks->entries[i].detail);
}

/* What the reduction derives is the theory's, at random points and identically in the curvature. */
static void
check_derived(const sample * s, expansion * x, caustic_reduction_t reduction, flint_rand_t random)
{
    const caustic_setting_struct * setting = x->setting;
    slong d = setting->coordinates;
    place p, z;
    quotient derived, theory;

    place_init(&p, x, setting->parameter, setting->parameters);
    place_init(&z, x, setting->coordinate, d);
    quotient_init(&derived, d);
    quotient_init(&theory, d);
    for (slong k = 0; k < POINTS; k++)
    {
        random_place(&p, random);
        coordinates_of(&z, &p);
        matrix_at(derived.cometric, &z, reduction->cometric_expr);
        matrix_at(derived.drift, &z, reduction->drift_expr);
        quotient_at(&theory, &p);
        if (s->formula != NULL)
            s->formula(&theory, &z, s->size);
        REQUIRE(s, fmpq_mat_equal(derived.cometric, theory.cometric));
        REQUIRE(s, fmpq_mat_equal(derived.drift, theory.drift));
    }
    place_clear(&p);
    place_clear(&z);
    quotient_clear(&derived);
    quotient_clear(&theory);
}

static void
check_curvature(const sample * s, expansion * x, caustic_reduction_t reduction)
{
    caustic_geometry_t geometry;
    caustic_name names[64];
    caustic_scope scope = {names, x->setting->coordinates, NULL, 0};
    caustic_expr expected;
    gr_ctx_struct * ctx = reduction->downstairs;
    gr_ptr value;

    for (slong i = 0; i < scope.length; i++)
    {
        names[i].name = caustic_expr_name(x->pool, x->setting->coordinate[i]);
        names[i].value = x->setting->coordinate[i];
    }
    assert_int_equal(caustic_parse(&expected, x->pool, s->curvature, &scope, NULL, x->error), CAUSTIC_OK);
    caustic_geometry_init(geometry, reduction->cometric, reduction->drift, ctx);
    GR_TMP_INIT(value, ctx);
    REQUIRE(s, geometry->status == GR_SUCCESS);
    REQUIRE(s, geometry->weight_closed == T_TRUE);
    assert_int_equal(caustic_field_set_expr(value, expected, ctx), GR_SUCCESS);
    assert_int_equal(gr_sub(value, value, gr_mat_entry_srcptr(geometry->scalar, 0, 0, ctx), ctx), GR_SUCCESS);
    REQUIRE(s, caustic_field_is_zero(value, NULL, ctx) == T_TRUE);
    GR_TMP_CLEAR(value, ctx);
    caustic_geometry_clear(geometry);
}

static void
test_reductions(void ** state)
{
    flint_rand_t random;

    (void) state;
    flint_rand_init(random);
    for (slong i = 0; i < SAMPLES; i++)
    {
        const sample * s = samples + i;
        caustic_reduction_t reduction;
        expansion x;

        if (s->later)
            continue;
        begin_text(&x, s->kind, s->options);
        reduce(reduction, &x);
        if (caustic_checks_verdict(reduction->checks) != CAUSTIC_PROVED || !reduction->derived)
        {
            describe(s, reduction);
            fail();
        }
        if (s->dimension > 0)
            check_derived(s, &x, reduction, random);
        if (s->curvature != NULL)
            check_curvature(s, &x, reduction);
        caustic_reduction_clear(reduction);
        end(&x);
    }
    flint_rand_clear(random);
}

/* Another entry in the metric, another component of a generator, another invariant, another point in the section: each
   setting is refuted, by the reduction and at a point. */
static void
spoil(expansion * x, int what)
{
    const caustic_setting_struct * s = x->setting;
    caustic_expr * entry = what == 0 ? s->inverse_metric : what == 1 ? s->generator : what == 2 ? s->invariant : s->section;

    if (what == 0)
        *entry = caustic_mul(x->pool, *entry, caustic_add(x->pool, caustic_integer(x->pool, 1), caustic_power_si(x->pool, s->parameter[0], 2)));
    else if (what == 1)
        *entry = caustic_mul(x->pool, *entry, caustic_integer(x->pool, 2));
    else if (what == 2)
        *entry = caustic_add(x->pool, *entry, s->parameter[0]);
    else
        *entry = caustic_add(x->pool, *entry, caustic_integer(x->pool, 1));
}

static void
test_spoilt(void ** state)
{
    static const char * const name[4] = {"isometry", "isometry", "invariance", "section"};

    (void) state;
    for (slong i = 0; i < SAMPLES; i++)
        for (int what = 0; what < 4; what++)
        {
            const sample * s = samples + i;
            caustic_reduction_t reduction;
            expansion x;
            int refuted = 0, seen = 0;

            if (s->later || s->dimension == 0 || strstr(s->options, "power-sums") != NULL
                || (what == 0 && strcmp(s->kind, "tanh-layer") == 0) || s->dimension > 5 || (what < 3 && strcmp(s->kind, "particles") == 0)
                || (what > 0 && what < 3 && strcmp(s->kind, "tanh-layer") == 0))
                continue;
            begin_text(&x, s->kind, s->options);
            /* without a generator 0 has twice the same component */
            if (what == 1 && caustic_expr_op(x.pool, x.setting->generator[0]) == CAUSTIC_OP_NUMBER)
            {
                end(&x);
                continue;
            }
            spoil(&x, what);
            reduce(reduction, &x);
            for (slong c = 0; c < reduction->checks->length; c++)
            {
                refuted |= reduction->checks->entries[c].verdict == CAUSTIC_REFUTED;
                seen |= strcmp(reduction->checks->entries[c].name, name[what]) == 0;
            }
            if (!refuted || !seen)
            {
                print_message("spoilt at %d:\n", what);
                describe(s, reduction);
                fail();
            }
            caustic_reduction_clear(reduction);
            end(&x);
        }
}

/* Without its stratum a setting goes where the metric degenerates or a chart ends, and nothing of that is proved. */
static void
test_without_stratum(void ** state)
{
    slong tried = 0;

    (void) state;
    for (slong i = 0; i < SAMPLES; i++)
    {
        const sample * s = samples + i;
        caustic_reduction_t reduction;
        expansion x;

        begin_text(&x, s->kind, s->options);
        if (!s->later && x.setting->strata > 0 && x.setting->has_section && x.setting->parameters <= 12)
        {
            tried++;
            x.setting->strata = 0;
            reduce(reduction, &x);
            if (caustic_checks_verdict(reduction->checks) == CAUSTIC_PROVED)
            {
                describe(s, reduction);
                fail();
            }
            caustic_reduction_clear(reduction);
        }
        end(&x);
    }
    assert_true(tried > 10);
}

/* Where a hidden layer is wider than a layer before it and one after it, the group moves the Euclidean metric and its orbits
   are too small: refuted, and said in words. */
static void
test_too_wide(void ** state)
{
    static const sample wide[] =
    {
        {"linear-network", "widths=1,2,1", 1, NULL, NULL, {0}, 0},
        {"linear-network", "widths=2,3,2", 4, NULL, NULL, {0}, 0},
        {"linear-network", "widths=2,1,2,1", 2, NULL, NULL, {0}, 0},
        {"linear-network", "widths=2,1,2,2,1,2", 3, NULL, NULL, {0}, 0}
    };
    flint_rand_t random;

    (void) state;
    flint_rand_init(random);
    for (slong i = 0; i < 4; i++)
    {
        caustic_reduction_t reduction;
        expansion x;
        place p;

        begin_text(&x, wide[i].kind, wide[i].options);
        REQUIRE(wide + i, strstr(x.words->data, "no invariant metric") != NULL);
        REQUIRE(wide + i, x.setting->coordinates == wide[i].dimension);
        place_init(&p, &x, x.setting->parameter, x.setting->parameters);
        random_place(&p, random);
        REQUIRE(wide + i, !is_isometry(&p, 0));
        place_clear(&p);
        reduce(reduction, &x);
        if (caustic_checks_verdict(reduction->checks) != CAUSTIC_REFUTED)
        {
            describe(wide + i, reduction);
            fail();
        }
        caustic_reduction_clear(reduction);
        end(&x);
    }
    flint_rand_clear(random);
}

/* Names, copies, spheres, words ***************************************************************/

static void
has_names(const expansion * x, const char * parameters, const char * coordinates)
{
    const caustic_setting_struct * s = x->setting;
    caustic_text_t text;

    caustic_text_init(text);
    for (slong a = 0; a < s->parameters; a++)
        caustic_text_printf(text, "%s%s", a > 0 ? " " : "", caustic_expr_name(x->pool, s->parameter[a]));
    assert_string_equal(text->data, parameters);
    caustic_text_reset(text);
    for (slong i = 0; i < s->coordinates; i++)
        caustic_text_printf(text, "%s%s", i > 0 ? " " : "", caustic_expr_name(x->pool, s->coordinate[i]));
    assert_string_equal(text->data, coordinates);
    caustic_text_clear(text);
}

static void
check_names(const char * kind, const char * options, slong copies, slong spheres, slong sphere, const char * parameters,
    const char * coordinates, const char * words)
{
    expansion x;

    begin_text(&x, kind, options);
    assert_int_equal(x.setting->copies, copies);
    assert_int_equal(x.setting->spheres, spheres);
    if (spheres > 0)
        assert_int_equal(x.setting->sphere[spheres - 1], sphere);
    has_names(&x, parameters, coordinates);
    if (strstr(x.words->data, words) == NULL)
    {
        print_message("%s\nis not in: %s\n", words, x.words->data);
        fail();
    }
    end(&x);
}

static void
test_names(void ** state)
{
    (void) state;
    check_names("relu-neuron", "inputs=1", 1, 0, 0, "a w", "z", "signs never mix");
    check_names("relu-neuron", "inputs=2", 1, 0, 0, "a w1 w2", "z1 z2", "w in R^2 without 0");
    check_names("relu-neuron", "inputs=1 outputs=2", 1, 0, 0, "a1 a2 w", "z1 z2", "a in R^2 without 0");
    check_names("relu-neuron", "inputs=2 outputs=2", 1, 0, 0, "a1 a2 w1 w2", "m11 m12 m21", "w1 not 0");
    check_names("relu-neuron", "inputs=10 outputs=2", 1, 0, 0, "a1 a2 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10",
        "m0101 m0102 m0103 m0104 m0105 m0106 m0107 m0108 m0109 m0110 m0201", "w1 not 0");
    check_names("relu-neuron", "inputs=24", 1, 1, 23, "a r", "z", "polar");
    check_names("relu-neuron", "inputs=24 outputs=7", 1, 2, 23, "a r", "z", "polar");
    check_names("relu-neuron", "inputs=1 outputs=30", 1, 1, 29, "a r", "z", "single weight");
    check_names("relu-layer", "inputs=2 hidden=7", 7, 0, 0, "a w1 w2", "z1 z2", "product of 7 such units");
    check_names("relu-layer", "inputs=784 hidden=512", 512, 1, 783, "a r", "z", "polar");
    check_names("conv-relu", "kernel=3 channels=16 inputs=64", 16, 1, 191, "a r", "z", "16 such channels");
    check_names("tanh-layer", "inputs=2 hidden=1", 1, 0, 0, "a w1 w2", "z1 z2 z3", "sign flip");
    check_names("relu-network", "widths=2,5,2", 5, 0, 0, "a1 a2 w1 w2", "z1 z2 z3", "5 such units");
    check_names("relu-network", "widths=1,2,2,1", 1, 0, 0, "a11 a21 b11 b12 b21 b22 c11 c12", "z1 z2 z3 z4", "letter for a layer");
    check_names("linear-network", "widths=2,1,2", 1, 0, 0, "a11 a12 b11 b21", "m11 m12 m21", "GL(h)");
    check_names("linear-network", "widths=1,2,3", 1, 0, 0, "a11 a21 b11 b12 b21 b22 b31 b32", "m11 m21 z1 z2", "leading block");
    check_names("batchnorm", "fan_in=10", 1, 1, 9, "r", "", "polar");
    check_names("batchnorm", "fan_in=25 chart=gnomonic", 1, 1, 24, "r", "", "polar");
    check_names("layernorm", "units=3 fan_in=2", 1, 0, 0, "c1 c2 c3 c4 r1 r2", "z1 z2 z3", "orthonormal basis");
    check_names("layernorm", "units=2 fan_in=2", 1, 0, 0, "w11 w12 w21 w22", "z", "mean r of the rows");
    check_names("layernorm", "units=10 fan_in=3", 1, 1, 26, "c r1 r2 r3", "", "C = 0");
    check_names("attention", "model=1 head=1", 1, 0, 0, "q k", "z", "q > 0");
    check_names("attention", "model=2 head=1 heads=4", 4, 0, 0, "q11 q21 k11 k21", "m11 m12 m21", "4 such heads");
    check_names("attention", "model=2 head=1 product=vo", 1, 0, 0, "v11 v21 o11 o12", "m11 m12 m21", "W_V");
    check_names("attention", "model=13 head=1 product=vo", 1, 2, 12, "v o", "z", "double cover");
    check_names("attention", "model=1 head=1 rotary=false", 1, 0, 0, "q k", "z", "q > 0");
    check_names("attention", "model=2 head=2 rotary=true", 1, 0, 0, "q11 q12 q21 q22 k11 k12 k21 k22", "z1 z2 z3 z4 z5 z6", "rotated");
    check_names("softmax-bias", "classes=3", 1, 0, 0, "b1 b2 b3", "z1 z2", "Nothing is left out");
    check_names("particles", "count=100 dimension=2", 100, 0, 0, "x1 x2", "z1 z2", "100 I");
    check_names("particles", "count=2 dimension=1 chart=power-sums", 1, 0, 0, "x1 x2", "p1 p2", "two particles meet");
}

/* Where the rest of a unit falls apart its spheres stay with one part; one of several units is not taken apart. */
static void
test_spheres_kept(void ** state)
{
    caustic_reduction_t reduction;
    slong spheres = 0;
    expansion x;

    (void) state;
    begin_text(&x, "layernorm", "units=30 fan_in=2");
    caustic_reduction_init(reduction, x.setting);
    assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_PROVED);
    assert_int_equal(reduction->factors, 2);
    for (slong f = 0; f < reduction->factors; f++)
    {
        const caustic_setting_struct * unit = reduction->factor[f].unit;

        spheres += unit->spheres;
        if (unit->spheres > 0)
            assert_int_equal(unit->sphere[0], 57);
    }
    assert_int_equal(spheres, 1);
    caustic_reduction_clear(reduction);
    end(&x);

    begin_text(&x, "layernorm", "units=30 fan_in=2");
    x.setting->copies = 3;
    caustic_reduction_init(reduction, x.setting);
    assert_int_equal(reduction->factors, 0);
    caustic_reduction_clear(reduction);
    end(&x);
}

/* The largest are made in a moment, and hold together. */
static void
test_large(void ** state)
{
    expansion x;

    (void) state;
    begin_text(&x, "relu-chain", "depth=2000");
    is(&x, x.setting->section[1999], "z");
    is(&x, x.setting->generator[1998 * 2000 + 1999], "w2000");
    end(&x);
    begin_text(&x, "relu-network", "widths=8,16,16,4");
    assert_int_equal(x.setting->parameters, 448);
    assert_int_equal(x.setting->generators, 32);
    assert_int_equal(x.setting->coordinates, 416);
    end(&x);
    begin_text(&x, "relu-layer", "inputs=10000 hidden=1000000");
    assert_int_equal(x.setting->copies, 1000000);
    end(&x);
    begin_text(&x, "linear-network", "widths=20,8,20");
    assert_int_equal(x.setting->coordinates, 8 * 32);
    end(&x);
    begin_text(&x, "attention", "model=40 head=8 heads=12");
    assert_int_equal(x.setting->coordinates, 8 * 72);
    end(&x);
}

/* Refusals ************************************************************************************/

static void
refuse(const char * kind, const caustic_preset_option * options, slong length, slong line, slong column,
    const char * fragment)
{
    expansion x;

    begin(&x, kind, options, length);
    assert_int_equal(x.status, CAUSTIC_BAD_INPUT);
    if (strstr(x.error->message, fragment) == NULL)
    {
        print_message("%s: %s\n", fragment, x.error->message);
        fail();
    }
    assert_string_equal(x.error->file, "test.yaml");
    assert_int_equal(x.error->line, line);
    assert_int_equal(x.error->column, column);
    assert_int_equal(x.words->length, 0);
    end(&x);
}

static void
test_refusals(void ** state)
{
    caustic_preset_option options[2] = {{"depth", 2, NULL, 4, 9, NULL, 0}, {"depth", 2, NULL, 5, 19, NULL, 0}};

    (void) state;
    refuse("relu-chian", options, 1, 3, 7, "did you mean 'relu-chain'");
    refuse("unheard-of", options, 1, 3, 7, "available: relu-chain, relu-neuron");
    refuse("relu-chain", options, 0, 3, 7, "needs the key depth");
    refuse("relu-chain", options, 2, 5, 19, "given twice");
    refuse("relu-neuron", options, 1, 4, 9, "its keys are: kind, inputs, outputs");
    options[0].integer = 1;
    refuse("relu-chain", options, 1, 4, 9, "from 2 to 2000; found 1");
    options[0].integer = -3;
    refuse("relu-chain", options, 1, 4, 9, "found -3");
    options[0].integer = 2001;
    refuse("relu-chain", options, 1, 4, 9, "found 2001");
    options[0].integer = WORD_MAX;
    refuse("relu-chain", options, 1, 4, 9, "from 2 to 2000");
    options[0].word = "two";
    refuse("relu-chain", options, 1, 4, 9, "found a word");
    options[0].word = NULL;
    options[0].key = "inputs";
    options[0].integer = 10001;
    refuse("relu-neuron", options, 1, 4, 9, "from 1 to 10000; found 10001");
}

/* What each key takes, and what goes with what. Of several wrong keys the first is named. */
static void
refuse_text(const char * kind, const char * key, slong value, const char * word, const char * second, slong second_value,
    const char * second_word, int at_second, const char * fragment)
{
    caustic_preset_option options[5] = {{key, value, word, 4, 10, NULL, 0}, {second, second_value, second_word, 5, 20, NULL, 0}};
    slong length = 2;

    /* what the kind needs besides */
    if (strcmp(kind, "attention") == 0 && strcmp(key, "model") != 0)
        options[length++] = (caustic_preset_option) {"model", 4, NULL, 6, 30, NULL, 0};
    if (strcmp(kind, "attention") == 0 && strcmp(key, "head") != 0 && strcmp(second, "head") != 0)
        options[length++] = (caustic_preset_option) {"head", 2, NULL, 6, 40, NULL, 0};
    if (strcmp(kind, "particles") == 0)
        options[length++] = (caustic_preset_option) {"chart", 0, "power-sums", 6, 30, NULL, 0};
    if (strcmp(kind, "conv-relu") == 0)
        options[length++] = (caustic_preset_option) {"channels", 4, NULL, 6, 30, NULL, 0};
    refuse(kind, options, length, at_second ? 5 : 4, at_second ? 20 : 10, fragment);
}

static void
refuse_widths(const char * kind, const slong * list, slong length, const char * fragment)
{
    caustic_preset_option option = {"widths", 0, NULL, 4, 10, list, length};

    refuse(kind, &option, 1, 4, 10, fragment);
}

static void
test_refused_values(void ** state)
{
    const slong two[2] = {1, 2}, zero[3] = {1, 0, 1}, large[3] = {2, 1, 10001}, many[3] = {1, 100, 20}, wide[4] = {100, 100, 1, 1};
    const slong minors[3] = {9, 9, 9};
    slong long_list[26];

    (void) state;
    for (slong i = 0; i < 26; i++)
        long_list[i] = 1;
    refuse_widths("relu-network", two, 2, "list of 3 to 25 integers from 1 to 10000 such as [2, 3, 1]; found a list of 2");
    refuse_widths("relu-network", zero, 3, "found 0 in it");
    refuse_widths("linear-network", large, 3, "found 10001 in it");
    refuse_widths("linear-network", long_list, 26, "found a list of 26");
    refuse_widths("relu-network", wide, 4, "would have 10101 parameters here; 5000 is the most");
    refuse_widths("linear-network", many, 3, "would have 2100 parameters here; 2000 is the most");
    refuse_widths("linear-network", minors, 3, "determinants of up to 8 rows; here one has 9");
    refuse_widths("batchnorm", two, 2, "no such key; its keys are: kind, fan_in, chart");
    refuse_text("batchnorm", "chart", 0, "gnomonik", "fan_in", 3, NULL, 0, "did you mean 'gnomonic'?");
    refuse_text("batchnorm", "chart", 3, NULL, "fan_in", 3, NULL, 0, "must be stereographic or gnomonic; found 3");
    refuse_text("batchnorm", "fan_in", 1, NULL, "chart", 0, "gnomonic", 0, "from 2 to 10000; found 1");
    refuse_text("attention", "model", 2, NULL, "head", 3, NULL, 1, "at most the model, 2; found 3");
    refuse_text("attention", "rotary", 0, "yes", "head", 2, NULL, 0, "must be true or false; found a word");
    refuse_text("attention", "rotary", 1, NULL, "head", 2, NULL, 0, "must be true or false; found 1");
    refuse_text("attention", "rotary", 0, "true", "head", 3, NULL, 1, "needs an even head");
    refuse_text("attention", "rotary", 0, "true", "product", 0, "vo", 1, "product must be qk");
    refuse_text("attention", "model", 9, NULL, "head", 9, NULL, 0, "determinants of up to 8 rows");
    refuse_text("attention", "model", 2000, NULL, "head", 2, NULL, 0, "would have 8000 parameters");
    refuse_text("conv-relu", "kernel", 101, NULL, "inputs", 100, NULL, 0, "would have 10100 parameters here; 10000 is the most");
    refuse_text("layernorm", "units", 1, NULL, "fan_in", 3, NULL, 0, "at least 2 units");
    refuse_text("layernorm", "units", 2, NULL, "fan_in", 1, NULL, 1, "two points for a quotient");
    refuse_text("particles", "count", 3, NULL, "dimension", 0, NULL, 1, "from 1 to 10000; found 0");
    refuse_text("particles", "count", 25, NULL, "dimension", 1, NULL, 0, "power sums of up to 24 particles; found 25");
}

/* Each kind is known and belongs to an architecture. */
static void
test_kinds(void ** state)
{
    const char * const * kinds = caustic_preset_kinds();
    caustic_origin origin = {"test.yaml", 3, 7};
    caustic_error_t error;
    slong i;

    (void) state;
    caustic_error_init(error);
    for (i = 0; kinds[i] != NULL; i++)
    {
        assert_non_null(caustic_preset_architecture(kinds[i]));
        assert_int_equal(caustic_preset_check(kinds[i], &origin, error), CAUSTIC_OK);
    }
    assert_int_equal(i, 12);
    assert_string_equal(caustic_preset_architecture("conv-relu"), "cnn");
    assert_null(caustic_preset_architecture("unheard-of"));
    assert_int_equal(caustic_preset_check("unheard-of", &origin, error), CAUSTIC_BAD_INPUT);
    caustic_error_clear(error);
}

static void
test_closest_word(void ** state)
{
    static const char * const words[] = {"loss", "shock", "optimiser", "box"};

    (void) state;
    assert_int_equal(caustic_word_closest("los", words, 4), 0);
    assert_int_equal(caustic_word_closest("lsos", words, 4), 0);
    assert_int_equal(caustic_word_closest("LOSS", words, 4), 0);
    assert_int_equal(caustic_word_closest("shok", words, 4), 1);
    assert_int_equal(caustic_word_closest("optimizer", words, 4), 2);
    assert_int_equal(caustic_word_closest("bx", words, 4), 3);
    assert_int_equal(caustic_word_closest("", words, 4), -1);
    assert_int_equal(caustic_word_closest("wibble", words, 4), -1);
    assert_int_equal(caustic_word_closest("a-word-that-is-much-longer-than-any-word-of-a-schema", words, 4), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_relu_chain),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_reductions),
        cmocka_unit_test(test_spoilt),
        cmocka_unit_test(test_without_stratum),
        cmocka_unit_test(test_too_wide),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_spheres_kept),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_refused_values),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_closest_word)
    };
    int failed;

    failed = cmocka_run_group_tests(tests, NULL, NULL);
    flint_cleanup_master();
    return failed;
}
