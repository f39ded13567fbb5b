/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    chart: flat coordinates s = C x of a d-dimensional quotient, x_i a function of z_i alone. Whether found here or
    given, they are proved in the exact field [HEAT-15].
*/

#include <stdio.h>
#include "heat_internal.h"

void
caustic_chart_init(caustic_chart_t chart, slong dimension)
{
    size_t size = (size_t) FLINT_MAX(dimension, 1) * sizeof(caustic_expr);

    chart->dimension = dimension;
    chart->s = flint_calloc(1, size);
    chart->map = flint_calloc(1, size);
    chart->inverse = flint_calloc(1, size);
    chart->proved = 0;
    caustic_checks_init(chart->checks);
}

void
caustic_chart_clear(caustic_chart_t chart)
{
    flint_free(chart->s);
    flint_free(chart->map);
    flint_free(chart->inverse);
    caustic_checks_clear(chart->checks);
}

/* What the search works with: x_i and its inverse as a function of `line`, the slopes x_i', the Gram matrix G of the
   dx_i, C and K with s = C x + c, x = K (s - c). */
typedef struct
{
    caustic_pool * pool;
    slong d;
    const caustic_expr * z;
    const caustic_expr * cometric;
    const caustic_expr * drift;
    gr_ctx_t field;         /* of functions of z */
    caustic_expr * block;   /* room for all of the following */
    caustic_expr * x, * inverse, * line, * slope, * shift;
    caustic_expr * gram, * forward, * backward; /* d x d */
}
search_struct;

typedef search_struct search_t[1];

static void
search_init(search_t search, caustic_pool * pool, slong d, const caustic_expr * z, const caustic_interval_struct * domain,
    const caustic_expr * cometric, const caustic_expr * drift)
{
    search->pool = pool;
    search->d = d;
    search->z = z;
    search->cometric = cometric;
    search->drift = drift;
    caustic_field_ctx_init(search->field, pool, z, domain, d);
    search->block = flint_calloc((size_t) (5 * d + 3 * d * d), sizeof(caustic_expr));
    search->x = search->block;
    search->inverse = search->x + d;
    search->line = search->inverse + d;
    search->slope = search->line + d;
    search->shift = search->slope + d;
    search->gram = search->shift + d;
    search->forward = search->gram + d * d;
    search->backward = search->forward + d * d;
}

static void
search_clear(search_t search)
{
    gr_ctx_clear(search->field);
    flint_free(search->block);
}

/* The constant that e is, as an expression without symbols; CAUSTIC_NONE where that is not proved. */
static caustic_expr
constant_of(search_t search, caustic_expr e)
{
    caustic_expr value = CAUSTIC_NONE;
    gr_ctx_struct * field = search->field;
    gr_ptr x, y;
    int constant;

    GR_TMP_INIT2(x, y, field);
    constant = e != CAUSTIC_NONE && caustic_field_set_expr(x, e, field) == GR_SUCCESS;
    for (slong k = 0; k < search->d && constant; k++)
        constant = caustic_field_derivative(y, x, k, field) == GR_SUCCESS && caustic_field_is_zero(y, NULL, field) == T_TRUE;
    if (constant)
    {
        value = caustic_field_get_expr(x, field);
        for (slong k = 0; k < search->d; k++)
            if (caustic_expr_depends(search->pool, value, search->z[k]))
                value = CAUSTIC_NONE;
    }
    GR_TMP_CLEAR2(x, y, field);
    return value;
}

static truth_t
is_zero(caustic_text_t witness_text, search_t search, caustic_expr e)
{
    gr_ctx_struct * field = search->field;
    caustic_witness_t witness;
    truth_t zero = T_UNKNOWN;
    gr_ptr x;

    caustic_witness_init(witness, search->d);
    GR_TMP_INIT(x, field);
    if (e != CAUSTIC_NONE && caustic_field_set_expr(x, e, field) == GR_SUCCESS)
    {
        zero = caustic_field_is_zero(x, witness, field);
        if (zero == T_FALSE)
            caustic_witness_print(witness_text, witness, field);
    }
    GR_TMP_CLEAR(x, field);
    caustic_witness_clear(witness);
    return zero;
}

/* x_i from g^{ii} and b^i, functions of z_i alone. */
static int
find_lines(caustic_chart_t chart, search_t search, const caustic_interval_struct * domain)
{
    slong d = search->d;
    int found = 1;

    for (slong i = 0; i < d && found; i++)
    {
        caustic_flattening_t flat;
        const char * name = caustic_expr_name(search->pool, search->z[i]);

        for (slong j = 0; j < d && found; j++)
            found = j == i || (!caustic_expr_depends(search->pool, search->cometric[i * d + i], search->z[j])
                && !caustic_expr_depends(search->pool, search->drift[i], search->z[j]));
        if (!found)
        {
            caustic_checks_add(chart->checks, "isometry", CAUSTIC_UNDECIDED, "no flat coordinates: |d%s|^2 or the drift of %s"
                " depends on another coordinate", name, name);
            break;
        }
        caustic_flattening_init(flat);
        found = caustic_flatten(flat, search->pool, search->z[i], domain + i, search->cometric[i * d + i], search->drift[i],
            CAUSTIC_NONE) == CAUSTIC_OK && caustic_checks_verdict(flat->checks) == CAUSTIC_PROVED && flat->onto
            && flat->driftless && flat->inverse != CAUSTIC_NONE;
        if (found)
        {
            search->x[i] = flat->map;
            search->inverse[i] = flat->inverse;
            search->line[i] = flat->s;
            search->slope[i] = caustic_derivative(search->pool, flat->map, search->z[i]);
        }
        else
            for (slong k = 0; k < flat->checks->length; k++)
                if (flat->checks->entries[k].verdict != CAUSTIC_PROVED)
                    caustic_checks_add(chart->checks, flat->checks->entries[k].name, flat->checks->entries[k].verdict,
                        "%s alone: %s", name, flat->checks->entries[k].detail);
        caustic_flattening_clear(flat);
    }
    return found;
}

/* G_ij = g^{ij} x_i' x_j', constants. */
static int
find_gram(caustic_chart_t chart, search_t search)
{
    slong d = search->d;
    int found = 1;

    for (slong i = 0; i < d && found; i++)
        for (slong j = 0; j < d && found; j++)
        {
            caustic_expr e = caustic_mul(search->pool, search->cometric[i * d + j],
                caustic_mul(search->pool, search->slope[i], search->slope[j]));

            search->gram[i * d + j] = constant_of(search, e);
            found = search->gram[i * d + j] != CAUSTIC_NONE;
        }
    if (!found)
        caustic_checks_add(chart->checks, "isometry", CAUSTIC_UNDECIDED,
            "no flat coordinates: the cometric is not seen to be constant in coordinates of one variable each");
    return found;
}

/* sum_(m < length) a[m] b[m step] */
static caustic_expr
dot(caustic_pool * pool, const caustic_expr * a, const caustic_expr * b, slong step, slong length)
{
    caustic_expr sum = caustic_integer(pool, 0);

    for (slong m = 0; m < length; m++)
        sum = caustic_add(pool, sum, caustic_mul(pool, a[m], b[m * step]));
    return sum;
}

/* K, lower triangular with K K^T = G, and C = K^-1, in exact constants; s = C x. */
static int
factor_gram(search_t search)
{
    slong d = search->d;
    caustic_pool * pool = search->pool;
    caustic_expr * k = search->backward, * c = search->forward, zero = caustic_integer(pool, 0);
    int found = 1;

    for (slong i = 0; i < d * d; i++)
        k[i] = c[i] = zero;
    for (slong i = 0; i < d && found; i++)
        for (slong j = 0; j <= i && found; j++)
        {
            caustic_expr e = caustic_sub(pool, search->gram[i * d + j], dot(pool, k + i * d, k + j * d, 1, j));

            e = i == j ? caustic_sqrt(pool, constant_of(search, e)) : caustic_div(pool, e, k[j * d + j]);
            k[i * d + j] = constant_of(search, e);
            found = k[i * d + j] != CAUSTIC_NONE && k[i * d + j] != (i == j ? zero : CAUSTIC_NONE);
        }
    for (slong i = 0; i < d && found; i++)
        for (slong j = 0; j <= i && found; j++)
        {
            caustic_expr e = caustic_sub(pool, caustic_integer(pool, i == j),
                dot(pool, k + i * d + j, c + j * d + j, d, i - j));

            c[i * d + j] = constant_of(search, caustic_div(pool, e, k[i * d + i]));
            found = c[i * d + j] != CAUSTIC_NONE;
        }
    return found;
}

/* C_Ai = d_i s^A/x_i', constants; K = G C^T, which is the inverse of C where s is an isometry; c = s at x = 0. */
static int
factor_given(search_t search, const caustic_expr * given)
{
    slong d = search->d;
    caustic_pool * pool = search->pool;
    caustic_expr zero = caustic_integer(pool, 0);
    caustic_expr * origin = flint_malloc((size_t) d * sizeof(caustic_expr));
    caustic_text_t unused;
    int found = 1;

    /* What an identity in the field forgets: whether the map is defined everywhere. */
    caustic_text_init(unused);
    for (slong a = 0; a < d && found; a++)
        found = caustic_field_is_smooth(unused, given[a], NULL, 0, 0, search->field) == T_TRUE;
    caustic_text_clear(unused);
    for (slong a = 0; a < d && found; a++)
        for (slong i = 0; i < d && found; i++)
        {
            search->forward[a * d + i] = constant_of(search,
                caustic_div(pool, caustic_derivative(pool, given[a], search->z[i]), search->slope[i]));
            found = search->forward[a * d + i] != CAUSTIC_NONE;
        }
    for (slong i = 0; i < d && found; i++)
    {
        origin[i] = caustic_substitute(pool, search->inverse[i], search->line + i, &zero, 1);
        for (slong a = 0; a < d && found; a++)
        {
            search->backward[i * d + a] = constant_of(search,
                dot(pool, search->gram + i * d, search->forward + a * d, 1, d));
            found = search->backward[i * d + a] != CAUSTIC_NONE;
        }
    }
    for (slong a = 0; a < d && found; a++)
    {
        search->shift[a] = caustic_substitute(pool, given[a], search->z, origin, d);
        found = search->shift[a] != CAUSTIC_NONE;
    }
    flint_free(origin);
    return found;
}

static void
write_maps(caustic_chart_t chart, search_t search, const caustic_expr * given, const char * name)
{
    slong d = search->d;
    caustic_pool * pool = search->pool;
    caustic_expr * centred = flint_malloc((size_t) d * sizeof(caustic_expr));

    for (slong a = 0; a < d; a++)
    {
        char text[64];

        snprintf(text, sizeof(text), "%s%ld'", name, (long) a + 1);
        chart->s[a] = caustic_symbol(pool, text);
        centred[a] = given == NULL ? chart->s[a] : caustic_sub(pool, chart->s[a], search->shift[a]);
        chart->map[a] = given == NULL ? dot(pool, search->forward + a * d, search->x, 1, d) : given[a];
    }
    for (slong i = 0; i < d; i++)
    {
        caustic_expr x = dot(pool, search->backward + i * d, centred, 1, d);

        chart->inverse[i] = caustic_substitute(pool, search->inverse[i], search->line + i, &x, 1);
    }
    flint_free(centred);
}

/* All `count` expressions vanish identically: one check. */
static int
check_zeros(caustic_checks_t checks, const char * name, const char * statement, search_t search, const caustic_expr * e,
    slong count)
{
    caustic_text_t text;
    truth_t zero = T_TRUE;

    caustic_text_init(text);
    for (slong i = 0; i < count && zero == T_TRUE; i++)
        zero = is_zero(text, search, e[i]);
    if (zero == T_TRUE)
        caustic_checks_add(checks, name, CAUSTIC_PROVED, "%s, identically in the exact field", statement);
    else if (zero == T_FALSE)
        caustic_checks_add(checks, name, CAUSTIC_REFUTED, "not %s: at %s", statement, text->data);
    else
        caustic_checks_add(checks, name, CAUSTIC_UNDECIDED, "the exact field could not decide whether %s", statement);
    caustic_text_clear(text);
    return zero == T_TRUE;
}

/* sum_ij g^{ij} d_i s^A d_j s^B - delta^{AB} */
static caustic_expr
gram_defect(search_t search, const caustic_chart_t chart, slong a, slong b)
{
    slong d = search->d;
    caustic_pool * pool = search->pool;
    caustic_expr sum = caustic_integer(pool, -(a == b));

    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
        {
            caustic_expr e = caustic_mul(pool, caustic_derivative(pool, chart->map[a], search->z[i]),
                caustic_derivative(pool, chart->map[b], search->z[j]));

            sum = caustic_add(pool, sum, caustic_mul(pool, search->cometric[i * d + j], e));
        }
    return sum;
}

/* L s^A */
static caustic_expr
drift_defect(search_t search, const caustic_chart_t chart, slong a)
{
    slong d = search->d;
    caustic_pool * pool = search->pool;
    caustic_expr sum = caustic_integer(pool, 0);

    for (slong i = 0; i < d; i++)
    {
        caustic_expr first = caustic_derivative(pool, chart->map[a], search->z[i]);

        sum = caustic_add(pool, sum, caustic_mul(pool, search->drift[i], first));
        for (slong j = 0; j < d; j++)
            sum = caustic_add(pool, sum, caustic_mul(pool, search->cometric[i * d + j],
                caustic_derivative(pool, first, search->z[j])));
    }
    return sum;
}

/* [HEAT-15] The three identities; what maps onto the line is x_i, proved where it was found. */
static int
prove(caustic_chart_t chart, search_t search)
{
    slong d = search->d;
    caustic_pool * pool = search->pool;
    caustic_expr * e = flint_malloc((size_t) (d * d) * sizeof(caustic_expr));
    int isometry, driftless, inverse;

    for (slong a = 0; a < d; a++)
        for (slong b = 0; b < d; b++)
            e[a * d + b] = gram_defect(search, chart, a, b);
    isometry = check_zeros(chart->checks, "isometry", "g^ij d_i s^A d_j s^B = delta^AB", search, e, d * d);
    for (slong a = 0; a < d; a++)
        e[a] = drift_defect(search, chart, a);
    driftless = check_zeros(chart->checks, "drift", "L s^A = 0", search, e, d);
    for (slong a = 0; a < d; a++)
        for (slong b = 0; b < d; b++)
            e[a * d + b] = caustic_sub(pool, dot(pool, search->forward + a * d, search->backward + b, d, d),
                caustic_integer(pool, a == b));
    inverse = check_zeros(chart->checks, "inverse", "s = C x + c with C K = 1", search, e, d * d);
    if (inverse)
        caustic_checks_add(chart->checks, "onto", CAUSTIC_PROVED,
            "each x_i maps the domain of its coordinate onto the whole line, and s is affine in them and invertible");
    flint_free(e);
    return isometry && driftless && inverse;
}

caustic_result
caustic_chart_find(caustic_chart_t chart, caustic_pool * pool, const caustic_expr * coordinate,
    const caustic_interval_struct * domain, const caustic_expr * cometric, const caustic_expr * drift,
    const caustic_expr * given, const char * name)
{
    search_t search;
    int found;

    search_init(search, pool, chart->dimension, coordinate, domain, cometric, drift);
    found = find_lines(chart, search, domain) && find_gram(chart, search);
    if (found)
    {
        found = given == NULL ? factor_gram(search) : factor_given(search, given);
        if (!found)
            caustic_checks_add(chart->checks, "isometry", CAUSTIC_UNDECIDED, given == NULL
                ? "no flat coordinates: the field could not factor the constant cometric"
                : "the given flat coordinates are not seen to be smooth, and affine in coordinates of one variable each");
    }
    if (found)
    {
        write_maps(chart, search, given, name);
        chart->proved = prove(chart, search);
    }
    search_clear(search);
    return found ? CAUSTIC_OK : CAUSTIC_UNSUPPORTED;
}
