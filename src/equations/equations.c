/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <caustic/equations.h>

static caustic_pool *
pool_of(const caustic_equations_t equations)
{
    return equations->pool;
}

caustic_expr
caustic_equations_symbol(const caustic_equations_t equations, const char * unknown,
    const slong * indices, slong length, int time_derivative)
{
    caustic_text_t name;
    caustic_expr symbol;

    caustic_text_init(name);
    caustic_text_append(name, unknown);

    /* Symmetric derivatives: in coordinate order, whatever order was asked for. Each index is
       printed as often as it occurs. */
    for (slong i = 0; i < equations->dimension; i++)
        for (slong j = 0; j < length; j++)
            if (indices[j] == i)
                caustic_text_printf(name, "_%s", caustic_expr_name(pool_of(equations), equations->coordinate[i]));

    if (time_derivative)
        caustic_text_append(name, "_t");

    symbol = caustic_symbol(pool_of(equations), name->data);
    caustic_text_clear(name);
    return symbol;
}

static caustic_expr
first(const caustic_equations_t equations, const char * unknown, slong i)
{
    return caustic_equations_symbol(equations, unknown, &i, 1, 0);
}

static caustic_expr
second(const caustic_equations_t equations, const char * unknown, slong i, slong j)
{
    slong indices[2] = {i, j};

    return caustic_equations_symbol(equations, unknown, indices, 2, 0);
}

static caustic_expr
third(const caustic_equations_t equations, const char * unknown, slong i, slong j, slong k)
{
    slong indices[3] = {i, j, k};

    return caustic_equations_symbol(equations, unknown, indices, 3, 0);
}

/* A sum that is written term by term: adding to an expression again and again would be quadratic. */
typedef struct
{
    caustic_pool * pool;
    caustic_expr * term;
    slong length, capacity;
}
terms_struct;

typedef terms_struct terms_t[1];

static void
terms_init(terms_t terms, caustic_pool * pool)
{
    terms->pool = pool;
    terms->term = NULL;
    terms->length = terms->capacity = 0;
}

/* += a b */
static void
terms_add(terms_t terms, caustic_expr a, caustic_expr b)
{
    if (a == caustic_integer(terms->pool, 0))
        return;

    if (terms->length == terms->capacity)
    {
        terms->capacity = 2 * terms->capacity + 8;
        terms->term = flint_realloc(terms->term, (size_t) terms->capacity * sizeof(caustic_expr));
    }
    terms->term[terms->length++] = caustic_mul(terms->pool, a, b);
}

/* The sum; the terms are gone. */
static caustic_expr
terms_sum(terms_t terms)
{
    caustic_expr sum = caustic_sum(terms->pool, terms->term, terms->length);

    flint_free(terms->term);
    return sum;
}

static void
accumulate(caustic_pool * pool, caustic_expr * sum, caustic_expr a, caustic_expr b)
{
    *sum = caustic_add(pool, *sum, caustic_mul(pool, a, b));
}

/* L u = g^{ij} u_ij + b^i u_i */
static caustic_expr
generator(const caustic_equations_t equations, const char * unknown, const caustic_expr * cometric,
    const caustic_expr * drift)
{
    slong d = equations->dimension;
    terms_t terms;

    terms_init(terms, pool_of(equations));
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            terms_add(terms, cometric[i * d + j], second(equations, unknown, i, j));
    for (slong i = 0; i < d; i++)
        terms_add(terms, drift[i], first(equations, unknown, i));
    return terms_sum(terms);
}

/* 1/2 g^{ij} a_i a_j */
static caustic_expr
kinetic(const caustic_equations_t equations, const char * unknown, const caustic_expr * cometric)
{
    caustic_pool * pool = pool_of(equations);
    slong d = equations->dimension;
    terms_t terms;

    terms_init(terms, pool);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            terms_add(terms, cometric[i * d + j],
                caustic_mul(pool, first(equations, unknown, i), first(equations, unknown, j)));
    return caustic_div(pool, terms_sum(terms), caustic_integer(pool, 2));
}

/* d_k of an expression in the coordinates and in v_i, v_ij: the total derivative. `explicit` is its part from the
   coordinates. */
static caustic_expr
add_chain_rule(const caustic_equations_t equations, caustic_expr explicit, caustic_expr e, slong k)
{
    caustic_pool * pool = pool_of(equations);
    slong d = equations->dimension;
    caustic_expr sum = explicit;

    for (slong i = 0; i < d; i++)
    {
        accumulate(pool, &sum, caustic_derivative(pool, e, first(equations, "v", i)), second(equations, "v", i, k));

        for (slong j = i; j < d; j++)
            accumulate(pool, &sum, caustic_derivative(pool, e, second(equations, "v", i, j)),
                third(equations, "v", i, j, k));
    }

    return sum;
}

static caustic_expr
total_derivative(const caustic_equations_t equations, caustic_expr e, slong k)
{
    return add_chain_rule(equations, caustic_derivative(equations->pool, e, equations->coordinate[k]), e, k);
}

/* Whether e is a quotient as the field writes it: a product with a negative power. */
static int
has_division(const caustic_pool * pool, caustic_expr e)
{
    int found = caustic_expr_op(pool, e) == CAUSTIC_OP_POWER && fmpq_sgn(caustic_expr_fmpq(pool, e)) < 0;

    for (slong i = 0; i < caustic_expr_arity(pool, e) && !found; i++)
    {
        caustic_expr child = caustic_expr_child(pool, e, i);

        found = caustic_expr_op(pool, child) == CAUSTIC_OP_POWER && fmpq_sgn(caustic_expr_fmpq(pool, child)) < 0;
    }

    return found;
}

/* d_k of a coefficient; where a quotient comes out, in lowest terms if that is shorter. */
static caustic_expr
coefficient_derivative(const caustic_equations_t equations, caustic_expr e, slong k)
{
    caustic_pool * pool = pool_of(equations);
    caustic_expr slope = caustic_derivative(pool, e, equations->coordinate[k]), reduced = CAUSTIC_NONE;
    caustic_interval_struct * line;
    gr_ctx_t ctx;
    gr_ptr x;

    if (slope == CAUSTIC_NONE || !(has_division(pool, e) || has_division(pool, slope)))
        return slope;

    line = flint_malloc((size_t) equations->dimension * sizeof(caustic_interval_struct));
    for (slong i = 0; i < equations->dimension; i++)
        caustic_interval_init(line + i);
    caustic_field_ctx_init(ctx, pool, equations->coordinate, line, equations->dimension);
    GR_TMP_INIT(x, ctx);
    /* what is not defined on the whole line has no rule, and stays as it is */
    if (caustic_field_set_expr(x, slope, ctx) == GR_SUCCESS)
        reduced = caustic_field_get_expr(x, ctx);
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    for (slong i = 0; i < equations->dimension; i++)
        caustic_interval_clear(line + i);
    flint_free(line);

    return (reduced != CAUSTIC_NONE && caustic_expr_nodes(pool, reduced) < caustic_expr_nodes(pool, slope)) ? reduced : slope;
}

/* g^{ij} v_j as a factor of v_ik: row i of the cometric applied to v. */
static caustic_expr
raised(const caustic_equations_t equations, const caustic_expr * cometric, slong i)
{
    slong d = equations->dimension;
    terms_t terms;

    terms_init(terms, pool_of(equations));
    for (slong j = 0; j < d; j++)
        terms_add(terms, cometric[i * d + j], first(equations, "v", j));
    return terms_sum(terms);
}

/* d_t v_k + d_k(1/2 g^{ij} v_i v_j) = nu d_k(g^{ij} d_i v_j + b^i v_i), by the product rule: on the left
   1/2 (d_k g^{ij}) v_i v_j + g^{ij} v_j v_ik, on the right (d_k g^{ij}) v_ij + g^{ij} v_ijk + (d_k b^i) v_i + b^i v_ik. */
static caustic_equation
burgers(const caustic_equations_t equations, slong k, const caustic_expr * cometric, const caustic_expr * drift)
{
    caustic_pool * pool = pool_of(equations);
    slong d = equations->dimension;
    terms_t squares, transport, diffusion;
    caustic_equation equation;

    terms_init(squares, pool);
    terms_init(transport, pool);
    terms_init(diffusion, pool);

    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
        {
            caustic_expr slope = coefficient_derivative(equations, cometric[i * d + j], k);

            terms_add(squares, slope, caustic_mul(pool, first(equations, "v", i), first(equations, "v", j)));
            terms_add(diffusion, slope, second(equations, "v", i, j));
            terms_add(diffusion, cometric[i * d + j], third(equations, "v", i, j, k));
        }

    for (slong i = 0; i < d; i++)
    {
        terms_add(transport, raised(equations, cometric, i), second(equations, "v", i, k));
        terms_add(diffusion, coefficient_derivative(equations, drift[i], k), first(equations, "v", i));
        terms_add(diffusion, drift[i], second(equations, "v", i, k));
    }

    equation.left = caustic_add(pool, caustic_equations_symbol(equations, "v", &k, 1, 1),
        caustic_add(pool, caustic_div(pool, terms_sum(squares), caustic_integer(pool, 2)), terms_sum(transport)));
    equation.right = caustic_mul(pool, equations->viscosity, terms_sum(diffusion));
    return equation;
}

/* The covariant form, its components written out in expressions. */

typedef struct
{
    const caustic_equations_struct * equations;
    const caustic_expr * cometric;
    caustic_expr * christoffel; /* [k][i][j] */
    caustic_expr * ricci;
    caustic_expr * weight;      /* lowered */
    caustic_expr * slope;       /* D_j v_k at [k][j] */
}
covariant_struct;

static caustic_expr
entry_expr(const gr_mat_t matrix, slong i, slong j, gr_ctx_t ctx)
{
    return caustic_field_get_expr(gr_mat_entry_srcptr(matrix, i, j, ctx), ctx);
}

static void
covariant_init(covariant_struct * covariant, const caustic_equations_t equations, const caustic_expr * cometric,
    const caustic_geometry_struct * geometry)
{
    slong d = equations->dimension;
    size_t size = sizeof(caustic_expr);

    covariant->equations = equations;
    covariant->cometric = cometric;
    covariant->christoffel = flint_malloc((size_t) (d * d * d) * size);
    covariant->ricci = flint_malloc((size_t) (d * d) * size);
    covariant->weight = flint_malloc((size_t) d * size);
    covariant->slope = flint_malloc((size_t) (d * d) * size);

    for (slong k = 0; k < d; k++)
        for (slong i = 0; i < d; i++)
            for (slong j = 0; j < d; j++)
                covariant->christoffel[(k * d + i) * d + j] = entry_expr(geometry->christoffel[k], i, j, geometry->ctx);

    for (slong i = 0; i < d; i++)
    {
        covariant->weight[i] = entry_expr(geometry->weight, i, 0, geometry->ctx);
        for (slong j = 0; j < d; j++)
            covariant->ricci[i * d + j] = entry_expr(geometry->ricci, i, j, geometry->ctx);
    }
}

static void
covariant_clear(covariant_struct * covariant)
{
    flint_free(covariant->christoffel);
    flint_free(covariant->ricci);
    flint_free(covariant->weight);
    flint_free(covariant->slope);
}

/* D_j a_k = d_j a_k - Gamma^m_{jk} a_m, where d_j a_k is given */
static caustic_expr
covariant_derivative(const covariant_struct * covariant, caustic_expr partial, const caustic_expr * a, slong j, slong k)
{
    caustic_pool * pool = pool_of(covariant->equations);
    slong d = covariant->equations->dimension;

    for (slong m = 0; m < d; m++)
        partial = caustic_sub(pool, partial,
            caustic_mul(pool, covariant->christoffel[(m * d + j) * d + k], a[m]));

    return partial;
}

/* D_i S_{kj} = d_i S_{kj} - Gamma^m_{ij} S_{km} - Gamma^m_{ik} S_{mj} for S_{kj} = D_j v_k */
static caustic_expr
second_covariant_derivative(const covariant_struct * covariant, slong i, slong j, slong k)
{
    caustic_pool * pool = pool_of(covariant->equations);
    slong d = covariant->equations->dimension;
    caustic_expr sum = total_derivative(covariant->equations, covariant->slope[k * d + j], i);

    for (slong m = 0; m < d; m++)
    {
        sum = caustic_sub(pool, sum, caustic_mul(pool, covariant->christoffel[(m * d + i) * d + j],
            covariant->slope[k * d + m]));
        sum = caustic_sub(pool, sum, caustic_mul(pool, covariant->christoffel[(m * d + i) * d + k],
            covariant->slope[m * d + j]));
    }

    return sum;
}

static caustic_equation
burgers_covariant(const covariant_struct * covariant, slong k)
{
    const caustic_equations_struct * equations = covariant->equations;
    caustic_pool * pool = equations->pool;
    slong d = equations->dimension;
    const caustic_expr * g = covariant->cometric;
    caustic_expr transport = caustic_equations_symbol(equations, "v", &k, 1, 1);
    caustic_expr diffusion = caustic_integer(pool, 0);
    caustic_equation equation;

    for (slong i = 0; i < d; i++)
    {
        for (slong j = 0; j < d; j++)
        {
            caustic_expr raised = caustic_mul(pool, g[i * d + j], first(equations, "v", i)); /* part of v^j */
            caustic_expr weight = caustic_mul(pool, g[i * d + j], covariant->weight[i]);     /* part of W^j */
            caustic_expr weight_slope = covariant_derivative(covariant,
                caustic_derivative(pool, covariant->weight[j], equations->coordinate[k]), covariant->weight, k, j);

            accumulate(pool, &transport, raised, covariant->slope[k * d + j]);
            accumulate(pool, &diffusion, g[i * d + j], second_covariant_derivative(covariant, i, j, k));
            accumulate(pool, &diffusion, weight, covariant->slope[k * d + j]);
            accumulate(pool, &diffusion, caustic_neg(pool, covariant->ricci[k * d + j]), raised);
            accumulate(pool, &diffusion, weight_slope, raised);
        }
    }

    equation.left = transport;
    equation.right = caustic_mul(pool, equations->viscosity, diffusion);
    return equation;
}

static void
write_covariant(caustic_equations_t equations, const caustic_expr * cometric, const caustic_geometry_struct * geometry)
{
    slong d = equations->dimension;
    covariant_struct covariant;
    caustic_expr * v = flint_malloc((size_t) d * sizeof(caustic_expr));

    covariant_init(&covariant, equations, cometric, geometry);

    for (slong k = 0; k < d; k++)
        v[k] = first(equations, "v", k);

    for (slong k = 0; k < d; k++)
        for (slong j = 0; j < d; j++)
            covariant.slope[k * d + j] = covariant_derivative(&covariant, second(equations, "v", k, j), v, j, k);

    for (slong k = 0; k < d; k++)
        equations->burgers_covariant[k] = burgers_covariant(&covariant, k);

    equations->has_covariant = 1;
    covariant_clear(&covariant);
    flint_free(v);
}

void
caustic_equations_init(caustic_equations_t equations, caustic_pool * pool, const caustic_expr * coordinate,
    slong dimension, const caustic_expr * cometric, const caustic_expr * drift, const caustic_geometry_struct * geometry)
{
    size_t d = (size_t) FLINT_MAX(dimension, 1);

    equations->pool = pool;
    equations->dimension = dimension;
    equations->coordinate = flint_malloc(d * sizeof(caustic_expr));
    equations->burgers = flint_malloc(d * sizeof(caustic_equation));
    equations->burgers_covariant = flint_malloc(d * sizeof(caustic_equation));
    equations->cometric = flint_malloc(d * d * sizeof(caustic_expr));
    equations->drift = flint_malloc(d * sizeof(caustic_expr));
    equations->has_covariant = 0;
    equations->viscosity = caustic_symbol(pool, "nu");

    for (slong i = 0; i < dimension; i++)
    {
        equations->coordinate[i] = coordinate[i];
        equations->drift[i] = drift[i];
        for (slong j = 0; j < dimension; j++)
            equations->cometric[i * dimension + j] = cometric[i * dimension + j];
    }

    equations->hamilton_jacobi.left = caustic_add(pool, caustic_equations_symbol(equations, "u", NULL, 0, 1),
        kinetic(equations, "u", cometric));
    equations->hamilton_jacobi.right = caustic_mul(pool, equations->viscosity,
        generator(equations, "u", cometric, drift));
    equations->heat.left = caustic_equations_symbol(equations, "phi", NULL, 0, 1);
    equations->heat.right = caustic_mul(pool, equations->viscosity, generator(equations, "phi", cometric, drift));

    for (slong k = 0; k < dimension; k++)
        equations->burgers[k] = burgers(equations, k, cometric, drift);

    if (geometry != NULL && geometry->status == GR_SUCCESS)
        write_covariant(equations, cometric, geometry);
}

void
caustic_equations_clear(caustic_equations_t equations)
{
    flint_free(equations->coordinate);
    flint_free(equations->cometric);
    flint_free(equations->drift);
    flint_free(equations->burgers);
    flint_free(equations->burgers_covariant);
}

void
caustic_equation_print(caustic_text_t out, const caustic_pool * pool, const caustic_equation * equation)
{
    caustic_expr_print(out, pool, equation->left);
    caustic_text_append(out, " = ");
    caustic_expr_print(out, pool, equation->right);
}

void
caustic_equation_latex(caustic_text_t out, const caustic_pool * pool, const caustic_equation * equation)
{
    caustic_expr_latex(out, pool, equation->left);
    caustic_text_append(out, " = ");
    caustic_expr_latex(out, pool, equation->right);
}
