/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Symmetries of a loss, found and proved: what is expected is found, what is listed is a symmetry (by another
    proof), and near misses are not listed.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <caustic/symmetry.h>
#include "problem.h"

/* What the rescaling by 2 makes of the parameters. */
static caustic_expr *
doubled(const caustic_setting_struct * setting, const caustic_symmetry_struct * symmetry)
{
    caustic_pool * pool = setting->pool;
    caustic_expr * image = flint_malloc((size_t) setting->parameters * sizeof(caustic_expr));

    for (slong b = 0; b < setting->parameters; b++)
    {
        caustic_expr degree = caustic_derivative(pool, symmetry->image[b], setting->parameter[b]);

        image[b] = caustic_mul(pool, caustic_power(pool, caustic_integer(pool, 2), caustic_expr_fmpq(pool, degree)), setting->parameter[b]);
    }
    return image;
}

/* xi L = 0, or L o s = L, in the exact field; of a rescaling L at the rescaled parameters. */
static void
assert_symmetry(const caustic_setting_struct * setting, const caustic_symmetry_struct * symmetry)
{
    caustic_pool * pool = setting->pool;
    caustic_expr e = caustic_integer(pool, 0);
    gr_ctx_t ctx;
    gr_ptr x;

    if (caustic_symmetry_is_finite(symmetry->kind))
        e = caustic_sub(pool, caustic_substitute(pool, setting->loss, setting->parameter, symmetry->image, setting->parameters),
            setting->loss);
    else if (symmetry->kind == CAUSTIC_SYMMETRY_RESCALING)
    {
        caustic_expr * image = doubled(setting, symmetry);

        e = caustic_sub(pool, caustic_substitute(pool, setting->loss, setting->parameter, image, setting->parameters), setting->loss);
        flint_free(image);
    }
    else
        for (slong b = 0; b < setting->parameters; b++)
            e = caustic_add(pool, e, caustic_mul(pool, symmetry->image[b],
                caustic_derivative(pool, setting->loss, setting->parameter[b])));
    caustic_field_ctx_init(ctx, pool, setting->parameter, setting->parameter_domain, setting->parameters);
    caustic_field_allow_kinks(ctx, 1);
    GR_TMP_INIT(x, ctx);
    assert_int_equal(caustic_field_set_expr(x, e, ctx), GR_SUCCESS);
    assert_int_equal(caustic_field_is_zero(x, NULL, ctx), T_TRUE);
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
}

/* "rescaling: -a w | permutation: ..." in the order in which they are listed. */
static void
listed(const char * text, const char * expected)
{
    caustic_case_t problem;
    caustic_symmetries_t symmetries;
    caustic_text_t found;

    read_case(problem, text);
    caustic_symmetries_init(symmetries, problem->setting->parameters);
    caustic_symmetries_find(symmetries, problem->setting, problem->array, problem->arrays);
    caustic_text_init(found);
    caustic_text_append(found, "");
    for (slong i = 0; i < symmetries->length; i++)
    {
        assert_symmetry(problem->setting, symmetries->entries + i);
        caustic_text_printf(found, "%s%s:", i > 0 ? " | " : "", caustic_symmetry_name(symmetries->entries[i].kind));
        for (slong b = 0; b < symmetries->parameters; b++)
        {
            char * image = caustic_expr_string(problem->setting->pool, symmetries->entries[i].image[b]);

            caustic_text_printf(found, " %s", image);
            flint_free(image);
        }
    }
    if (strcmp(found->length > 0 ? found->data : "", expected) != 0)
        fail_msg("%s\nhas %s\nnot %s", text, found->data, expected);
    caustic_text_clear(found);
    caustic_symmetries_clear(symmetries);
    caustic_case_clear(problem);
}

#define NETWORK(parameters, objective) \
    "name: n\nmetric: euclidean\ndata: {columns: [x, y], rows: [[\"1\", \"2\"], [\"2\", \"3\"], [\"-1\", \"1\"]]}\n" \
    "network: {parameters: [" parameters "], objective: '" objective "'}\n"

#define PLAIN(parameters, loss) "name: n\nmetric: euclidean\nparameters: [" parameters "]\nloss: '" loss "'\n"

static void
test_rescalings(void ** state)
{
    (void) state;
    listed(NETWORK("{name: a}, {name: w}", "mean(squarederror(a*relu(w*x), y))"), "rescaling: -a w");
    /* a bias in the wrong place: the constant has degree 0 */
    listed(NETWORK("{name: a}, {name: w}", "mean(squarederror(a*relu(w*x + 1), y))"), "");
    listed(NETWORK("{name: a}, {name: w}, {name: b}", "mean(squarederror(a*relu(w*x + b), y))"), "rescaling: -a w b");
    /* depth three, and one that is squared on the way */
    listed(NETWORK("{name: a}, {name: b}, {name: c}", "mean(squarederror(a*relu(b*relu(c*x)), y))"),
        "rescaling: -a b 0 | rescaling: -a 0 c");
    listed(NETWORK("{name: a}, {name: w}", "mean(squarederror(a*relu(w*x)^2, y))"), "rescaling: -2*a w");
    listed(NETWORK("{name: a}, {name: w}", "mean(squarederror(a*tanh(w*x), y))"), "sign flip: -a -w");
    /* a domain that is not a cone; one that is */
    listed(NETWORK("{name: a, domain: \"(1, inf)\"}, {name: w}", "mean(squarederror(a*relu(w*x), y))"), "");
    listed(NETWORK("{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(-inf, 0)\"}", "mean(squarederror(a*relu(w*x), y))"),
        "rescaling: -a w");
    /* with and without a number added to the variance */
    listed(NETWORK("{name: w, shape: [2]}", "mean(squarederror(batchnorm([x, y] @ w), y))"), "rescaling: w1 w2");
    listed(NETWORK("{name: w, shape: [2]}", "mean(squarederror(batchnorm([x, y] @ w, 1e-5), y))"), "");
}

static void
test_shifts_and_matrices(void ** state)
{
    (void) state;
    listed(NETWORK("{name: b, shape: [3]}", "crossentropy(b, [1/2, 1/3, 1/6])"), "translation: 1 1 1");
    listed(NETWORK("{name: b, shape: [3]}", "crossentropy(b, [1/2, 1/4, 1/4])"), "translation: 1 1 1 | permutation: b1 b3 b2");
    listed(NETWORK("{name: b, shape: [3]}", "log(total(exp(b))) - [1/2, 1/3, 1/7] @ b"), ""); /* no probabilities */
    listed(PLAIN("{name: a}, {name: b}", "cos(3*a - 2*b) + (3*a - 2*b)^4"), "translation: 2/3 1 | sign flip: -a -b");
    listed(PLAIN("{name: a}, {name: b}", "(a^2 + b^2)^2 - a^2 - b^2"), "linear: -b a | sign flip: -a b | sign flip: a -b | permutation: b a");
    listed(PLAIN("{name: a}, {name: b}", "(a^2 + 2*b^2)^2 - a^2 - 2*b^2"), "linear: -2*b a | sign flip: -a b | sign flip: a -b");
    listed(PLAIN("{name: a}, {name: b}", "(a^2 + b^2)^2 - a^2 - 2*b^2"), "sign flip: -a b | sign flip: a -b");
    /* GL(2) between two linear maps: dimension 4 */
    listed(NETWORK("{name: p, shape: [2, 2]}, {name: q, shape: [2, 2]}",
        "total((p @ q - [[1, 2], [3, 5]])^4) + (p @ q)[1, 1]^3*(p @ q)[2, 1]"),
        "rescaling: -p11 0 -p21 0 q11 q12 0 0 | rescaling: 0 -p12 0 -p22 0 0 q21 q22"
        " | linear: 0 -p11 0 -p21 q21 q22 0 0 | linear: -p12 0 -p22 0 0 0 q11 q12"
        " | sign flip: -p11 p12 -p21 p22 -q11 -q12 q21 q22 | sign flip: p11 -p12 p21 -p22 q11 q12 -q21 -q22"
        " | permutation: p12 p11 p22 p21 q21 q22 q11 q12");
    /* transposed, the same; with the product entry by entry, only rescalings */
    listed(NETWORK("{name: p, shape: [2]}, {name: q, shape: [2]}", "total((p*q - [1, 2])^4)"),
        "rescaling: -p1 0 q1 0 | rescaling: 0 -p2 0 q2 | sign flip: -p1 p2 -q1 q2 | sign flip: p1 -p2 q1 -q2");
}

static void
test_permutations(void ** state)
{
    (void) state;
    listed(NETWORK("{name: a, shape: [3]}, {name: w, shape: [3]}", "mean(squarederror(a @ sigmoid(w*x), y))"),
        "permutation: a2 a1 a3 w2 w1 w3 | permutation: a1 a3 a2 w1 w3 w2");
    /* tied to its place: no unit is like another */
    listed(NETWORK("{name: a, shape: [3]}, {name: w, shape: [3]}", "mean(squarederror(a @ sigmoid(w*x), y)) + exp([1, 2, 3] @ a)"), "");
    listed(NETWORK("{name: a, shape: [2]}, {name: w, shape: [2], domain: \"(0, inf)\"}", "mean(squarederror(a @ sigmoid(w*x), y))"),
        "permutation: a2 a1 w2 w1");
    listed(PLAIN("{name: a, domain: \"(0, inf)\"}, {name: b}", "exp(a + b^2) + exp(b + a^2)"), ""); /* other domains */
    listed(PLAIN("{name: a}, {name: b}", "exp(a + b^2) + exp(b + a^2)"), "permutation: b a");
    listed(PLAIN("{name: a}, {name: b}", "exp(a + b^2) + exp(b + 2*a^2)"), "");
    listed(PLAIN("{name: a}", "exp(a)"), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_rescalings),
        cmocka_unit_test(test_shifts_and_matrices),
        cmocka_unit_test(test_permutations)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
