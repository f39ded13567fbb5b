/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Tests of the exact field. Values are checked against the tapes of the expressions, which share no
    code with it.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <flint/fmpq_vec.h>
#include <flint/fmpz_poly.h>
#include <caustic/field.h>

#define SYMBOLS 4

/* A field in x, y, z, w on a box. */
typedef struct
{
    caustic_pool * pool;
    gr_ctx_t ctx;
    caustic_expr symbols[SYMBOLS];
    caustic_interval_struct domains[SYMBOLS];
}
box_struct;

typedef box_struct box_t[1];

static const char * const symbol_names[SYMBOLS] = {"x", "y", "z", "w"};

/* ends: lower and upper end of each symbol, NULL for infinite */
static void box_init(box_t box, const char * const ends[2 * SYMBOLS])
{
    slong k;
    box->pool = caustic_pool_new();
    for (k = 0; k < SYMBOLS; k++)
    {
        caustic_interval_struct * d = box->domains + k;
        caustic_interval_init(d);
        d->lower_infinite = ends[2 * k] == NULL;
        d->upper_infinite = ends[2 * k + 1] == NULL;
        if (ends[2 * k] != NULL)
        {
            assert_int_equal(fmpq_set_str(d->lower, ends[2 * k], 10), 0);
        }
        if (ends[2 * k + 1] != NULL)
        {
            assert_int_equal(fmpq_set_str(d->upper, ends[2 * k + 1], 10), 0);
        }
        box->symbols[k] = caustic_symbol(box->pool, symbol_names[k]);
        if (caustic_interval_is_positive(d))
        {
            caustic_symbol_assume_positive(box->pool, box->symbols[k]);
        }
    }
    caustic_field_ctx_init(box->ctx, box->pool, box->symbols, box->domains, SYMBOLS);
}

static void box_clear(box_t box)
{
    slong k;
    gr_ctx_clear(box->ctx);
    for (k = 0; k < SYMBOLS; k++)
    {
        caustic_interval_clear(box->domains + k);
    }
    caustic_pool_free(box->pool);
}

static const char * const positive_box[] = {"0", NULL, "0", NULL, "0", NULL, "0", NULL};
static const char * const real_box[] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL};
static const char * const negative_box[] = {NULL, "0", NULL, "0", NULL, "0", NULL, "0"};
static const char * const bounded_box[] = {"1", "2", "-1", "1/2", "-3", "-2", "10", "11"};

static caustic_expr parse(box_t box, const char * text)
{
    caustic_name names[SYMBOLS];
    caustic_scope scope = {names, SYMBOLS, NULL, 0};
    caustic_origin origin = {NULL, 1, 1};
    caustic_expr e = CAUSTIC_NONE;
    caustic_error_t error;
    slong k;
    for (k = 0; k < SYMBOLS; k++)
    {
        names[k].name = symbol_names[k];
        names[k].value = box->symbols[k];
    }
    caustic_error_init(error);
    if (caustic_parse(&e, box->pool, text, &scope, &origin, error) != CAUSTIC_OK)
    {
        fail_msg("%s: %s", text, error->message);
    }
    caustic_error_clear(error);
    return e;
}

static gr_ptr element(box_t box, const char * text)
{
    gr_ptr x = gr_heap_init(box->ctx);
    int status = caustic_field_set_expr(x, parse(box, text), box->ctx);
    if (status != GR_SUCCESS)
    {
        fail_msg("%s: status %d", text, status);
    }
    return x;
}

static void release(box_t box, gr_ptr x)
{
    gr_heap_clear(x, box->ctx);
}

static void tape_value(arb_t value, box_t box, caustic_expr e, const fmpq * point, slong prec)
{
    caustic_tape * tape = caustic_tape_new(box->pool, &e, 1, box->symbols, SYMBOLS);
    arb_ptr in = _arb_vec_init(SYMBOLS);
    slong k;
    assert_non_null(tape);
    for (k = 0; k < SYMBOLS; k++)
    {
        arb_set_fmpq(in + k, point + k, prec);
    }
    caustic_tape_evaluate_arb(value, tape, in, prec);
    _arb_vec_clear(in, SYMBOLS);
    caustic_tape_free(tape);
}

static void field_value(arb_t value, box_t box, gr_srcptr x, const fmpq * point, slong prec)
{
    arb_ptr in = _arb_vec_init(SYMBOLS);
    slong k;
    for (k = 0; k < SYMBOLS; k++)
    {
        arb_set_fmpq(in + k, point + k, prec);
    }
    caustic_field_evaluate_arb(value, x, in, prec, box->ctx);
    _arb_vec_clear(in, SYMBOLS);
}

static int inside(box_t box, const fmpq * point)
{
    slong k;
    int in = 1;
    for (k = 0; k < SYMBOLS; k++)
    {
        const caustic_interval_struct * d = box->domains + k;
        in = in && (d->lower_infinite || fmpq_cmp(d->lower, point + k) < 0)
            && (d->upper_infinite || fmpq_cmp(point + k, d->upper) < 0);
    }
    return in;
}

/* The answer of the zero test; a witness is checked with the tape of the expression as written. */
static truth_t zero_test(box_t box, const char * text)
{
    caustic_expr e = parse(box, text);
    gr_ptr x = element(box, text);
    caustic_witness_t witness;
    truth_t answer;
    arb_t value;
    arb_init(value);
    caustic_witness_init(witness, SYMBOLS);
    answer = caustic_field_is_zero(x, witness, box->ctx);
    if (answer == T_FALSE)
    {
        assert_true(inside(box, witness->point));
        assert_true(arb_is_nonzero(witness->value));
        tape_value(value, box, e, witness->point, 1000);
        assert_true(arb_is_finite(value));
        assert_true(arb_is_nonzero(value));
        assert_true(arb_overlaps(value, witness->value));
    }
    assert_int_equal(answer, gr_is_zero(x, box->ctx));
    caustic_witness_clear(witness);
    arb_clear(value);
    release(box, x);
    return answer;
}

static void check_zero(const char * const * ends, const char * text, truth_t expected)
{
    box_t box;
    truth_t answer;
    box_init(box, ends);
    answer = zero_test(box, text);
    if (answer != expected)
    {
        fail_msg("%s: answer %d, expected %d", text, answer, expected);
    }
    box_clear(box);
}

static void check_status(const char * const * ends, const char * text, int expected)
{
    box_t box;
    gr_ptr x;
    int status;
    box_init(box, ends);
    x = gr_heap_init(box->ctx);
    status = caustic_field_set_expr(x, parse(box, text), box->ctx);
    if (status != expected)
    {
        fail_msg("%s: status %d, expected %d", text, status, expected);
    }
    release(box, x);
    box_clear(box);
}

/* Kinks: what is proved positive comes out of |x| and relu(x), nothing else does. */
static void test_kinks(void ** unused)
{
    static const char * const zero[] =
    {
        "abs(x*z) - x*abs(z)", "relu(x*z) - x*relu(z)", "relu(3*z) - 3*relu(z)", "relu(z) - relu(-z) - z",
        "abs(z) - relu(z) - relu(-z)", "abs(-z) - abs(z)", "abs(z)^2 - z^2", "abs(z*w) - abs(z)*abs(w)", "abs(z/w) - abs(z)/abs(w)",
        "relu((z + w)*x/(x + y)) - relu(z + w)*x/(x + y)", "x*relu(z + y*w) - relu(x*z + x*y*w)",
        "relu(x*relu(y*z) + x*y*w) - x*y*relu(relu(z) + w)", "relu(z*(x^2 + w^2)) - (x^2 + w^2)*relu(z)",
        "abs(z)/z*abs(z) - z", "sqrt(z^2 + 2*z*w + w^2) - abs(z + w)", "relu(z*(sqrt(z^2 + w^2) - w)) - (sqrt(z^2 + w^2) - w)*relu(z)"
    };
    static const char * const not_zero[] =
    {
        "abs(z) - z", "relu(z*w) - z*relu(w)", "relu(z + x) - relu(z) - x", "abs(z + w) - abs(z) - abs(w)", "relu(-z) + relu(z)",
        "relu(x*z) - x^2*relu(z)", "relu(z*(sqrt(x^2 + w^2) - w)) - (sqrt(x^2 + w^2) - 2*w)*relu(z)",
        "relu((w - sqrt(z^2 + w^2))*z) - (sqrt(z^2 + w^2) - w)*relu(z)"
    };
    /* x, y > 0; z and w on the line */
    static const char * const ends[] = {"0", NULL, "0", NULL, NULL, NULL, NULL, NULL};
    size_t i;
    (void) unused;
    for (i = 0; i < sizeof(zero) / sizeof(zero[0]) + sizeof(not_zero) / sizeof(not_zero[0]); i++)
    {
        size_t zeros = sizeof(zero) / sizeof(zero[0]);
        const char * text = i < zeros ? zero[i] : not_zero[i - zeros];
        truth_t answer;
        box_t box;
        box_init(box, ends);
        caustic_field_allow_kinks(box->ctx, 1);
        answer = zero_test(box, text);
        if (answer != (i < zeros ? T_TRUE : T_FALSE))
        {
            fail_msg("%s: answer %d", text, (int) answer);
        }
        box_clear(box);
    }
}

static ulong test_seed(void)
{
    const char * s = getenv("CAUSTIC_TEST_SEED");
    return s != NULL ? strtoul(s, NULL, 10) : 20250101;
}

static void random_state(flint_rand_t state)
{
    ulong seed = test_seed(), i;
    print_message("CAUSTIC_TEST_SEED=%lu\n", (unsigned long) seed);
    flint_rand_init(state);
    for (i = 0; i < seed % 1009; i++)
    {
        (void) n_randlimb(state);
    }
}

/* Identities *********************************************************************************/

static void test_identities(void ** unused)
{
    static const char * const zero[] =
    {
        "x - x", "(x + y)^2 - x^2 - 2*x*y - y^2", "1/x + 1/y - (x + y)/(x*y)",
        "sqrt(x)^2 - x", "sqrt(x*y) - sqrt(x)*sqrt(y)", "sqrt(x^2) - x", "sqrt(12) - 2*sqrt(3)",
        "sqrt(x/y) - sqrt(x)/sqrt(y)", "sqrt(8)*sqrt(18) - 12", "12^(1/3)*18^(1/3) - 6",
        "x^(1/2)*x^(1/3)*x^(1/6) - x", "x^(1/6)*x^(1/2) - x^(2/3)", "(x^(1/3))^(1/2) - x^(1/6)",
        "sqrt(sqrt(x)) - x^(1/4)", "sqrt(x^2*y + x^2) - x*sqrt(y + 1)",
        "log(x*y) - log(x) - log(y)", "log(x^2*y/z) - 2*log(x) - log(y) + log(z)",
        "log(12) - 2*log(2) - log(3)", "log(sqrt(x)) - log(x)/2", "log(exp(x*y)) - x*y",
        "log((x + y)^3) - 3*log(x + y)", "log(10^40) - 40*log(2) - 40*log(5)",
        "exp(x + y) - exp(x)*exp(y)", "exp(2*log(x)) - x^2", "exp(log(x)/2) - sqrt(x)",
        "exp(x/2)^2 - exp(x)", "exp(x)^3*exp(-3*x) - 1", "exp(x/6)^4 - exp(x/3)^2", "sqrt(exp(x)) - exp(x/2)",
        "exp(1/x + 1/y) - exp((x + y)/(x*y))", "exp(x + log(y) + 3*log(2)) - 8*y*exp(x)",
        "exp(-x)*exp(x) - 1", "exp(-(x - y)^2/2)*exp(-x*y)*exp(x^2/2)*exp(y^2/2) - 1",
        "sin(x)^2 + cos(x)^2 - 1", "sin(-x) + sin(x)", "cos(-x) - cos(x)", "tan(x)*cos(x) - sin(x)",
        "1/cos(x)^2 - tan(x)^2 - 1", "sin(x)/(1 + cos(x)) - (1 - cos(x))/sin(x)",
        "cos(x) - cos(x) + sin(3*x) - sin(3*x)",
        "tanh(x) - sinh(x)/cosh(x)", "cosh(x)^2 - sinh(x)^2 - 1", "sigmoid(x) + sigmoid(-x) - 1",
        "softplus(x) - softplus(-x) - x", "tanh(x) - 2*sigmoid(2*x) + 1", "atan(-x) + atan(x)", "erf(-x) + erf(x)",
        "1/(sqrt(x) + 1)*(sqrt(x) + 1) - 1", "1/(sqrt(x) + sqrt(y)) - (sqrt(x) - sqrt(y))/(x - y)",
        "1/(x^(1/3) + 1) - (x^(2/3) - x^(1/3) + 1)/(x + 1)",
        "1/(1 + sqrt(2) + sqrt(3)) - (2 + sqrt(2) - sqrt(6))/4",
        "(sqrt(x^2 + 1) - x)*(sqrt(x^2 + 1) + x) - 1", "sqrt(x + sqrt(y))^4 - x^2 - 2*x*sqrt(y) - y",
        "abs(x) - x", "relu(x + y) - x - y", "abs(-x) - x", "relu(-x)", "abs(x)/x - 1", "pi/pi - 1",
        "sqrt(pi)^2 - pi", "log(sqrt(x^2 + y^2)) - log(x^2 + y^2)/2", "log(pi^2) - 2*log(pi)",
        "sqrt(x^2 + 2*x*y + y^2) - x - y", "0*x",
    };
    static const char * const zero_real[] =
    {
        "sqrt(x^2)^2 - x^2", "sqrt((x - y)^2)*sqrt((x - y)^2) - (x - y)^2", "exp(x + y) - exp(x)*exp(y)",
        "log(exp(x)*(1 + x^2)) - x - log(1 + x^2)", "sqrt(x^2 + y^2)^2 - x^2 - y^2", "abs(x^2 + y^2 + 1) - 1 - x^2 - y^2",
        "abs(x^2 - x*y + y^2 + 1) - (x^2 - x*y + y^2 + 1)", "1/sqrt(x^2) - sqrt(x^2)/x^2", "log(x)/log(x^2)*log(x^2) - log(x)",
        "sin(2*y) - sin(2*y)", "softplus(x) - softplus(-x) - x",
    };
    static const char * const zero_negative[] =
    {
        "sqrt(x^2) + x", "abs(x) + x", "relu(x)", "sqrt(x*y) - sqrt(-x)*sqrt(-y)", "log(x^2) - 2*log(-x)",
        "log(x*y) - log(-x) - log(-y)", "sqrt(-x^3) + x*sqrt(-x)",
    };
    size_t i;
    (void) unused;
    for (i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
    {
        /* log(x)/log(x^2) and the like are for the other boxes */
        check_zero(positive_box, zero[i], T_TRUE);
    }
    for (i = 0; i < sizeof(zero_real) / sizeof(zero_real[0]); i++)
    {
        if (strstr(zero_real[i], "/log(x^2)") == NULL)
        {
            check_zero(real_box, zero_real[i], T_TRUE);
        }
    }
    for (i = 0; i < sizeof(zero_negative) / sizeof(zero_negative[0]); i++)
    {
        check_zero(negative_box, zero_negative[i], T_TRUE);
    }
}

/* sin(2x) first, then sin(x): the finer argument comes second. With the multiple second the
   identity is proved. */
static void test_multiple_angles(void ** unused)
{
    box_t box;
    gr_ptr s;
    (void) unused;
    box_init(box, real_box);
    s = element(box, "sin(x)");
    assert_int_equal(zero_test(box, "sin(2*x) - 2*sin(x)*cos(x)"), T_TRUE);
    assert_int_equal(zero_test(box, "cos(3*x) - 4*cos(x)^3 + 3*cos(x)"), T_TRUE);
    assert_int_equal(zero_test(box, "cos(3*x) - 4*cos(x)^3 + 3*sin(x)"), T_FALSE);
    release(box, s);
    box_clear(box);
}

static void test_near_misses(void ** unused)
{
    static const char * const positive[] =
    {
        "sqrt(x^2 + 1) - x", "log(x) - log(x + 10^(-20))", "10^(-30)*x", "sqrt(2) + sqrt(3) - sqrt(10)",
        "sqrt(x*y) - sqrt(x)*sqrt(y) + 10^(-25)", "exp(x) - exp(x + 10^(-30))", "sin(x)^2 + cos(x)^2 - 1 - 10^(-40)",
        "tanh(x) - sinh(x)/cosh(x)*(1 + 10^(-20))", "sqrt(12) - 2*sqrt(3) + 10^(-50)", "pi - 355/113",
        "exp(pi*sqrt(163)) - 262537412640768744", "erf(x) - tanh(x)", "atan(x) - x", "softplus(x) - x",
        "(x - 1)*(x - 2)*(x - 1/2)*(x - 3)*(x - 3/2)*(x - 1/3)*(x - 5)*(x - 2/3)*(x - 7/3)*(x - 5/4)*(x - 4/7)",
        "(x - 1)*(y - 2)*(z - 1/2)*(w - 3)", "(x - y)*(y - z)*(x + y - 3)/(x + y)",
        "x^(1/3) - x^(1/2)", "log(2) - 693147180559945/10^15",
    };
    static const char * const real[] =
    {
        "sqrt(x^2) - x", "sqrt(x^2) + x", "log(x^2) - 2*log(x) + 10^(-10)", "x^3 - x", "x*(x - 1)*(x + 2)*(x - 1/2)*(x + 3)*(x - 3/2)",
    };
    static const char * const bounded[] = {"x + z", "(x - 3/2)*(y + 1/4)*(z + 5/2)*(w - 21/2)", "x*y*z*w"};
    size_t i;
    (void) unused;
    for (i = 0; i < sizeof(positive) / sizeof(positive[0]); i++)
    {
        check_zero(positive_box, positive[i], T_FALSE);
    }
    for (i = 0; i < sizeof(real) / sizeof(real[0]); i++)
    {
        check_zero(real_box, real[i], T_FALSE);
    }
    for (i = 0; i < sizeof(bounded) / sizeof(bounded[0]); i++)
    {
        check_zero(bounded_box, bounded[i], T_FALSE);
    }
    check_zero(negative_box, "sqrt(x^2) - x", T_FALSE);
}

/* True identities that the relations do not show: T_UNKNOWN is allowed, T_FALSE is not. */
static void test_hidden_identities(void ** unused)
{
    static const char * const hidden[] =
    {
        "sqrt(5 + 2*sqrt(6)) - sqrt(2) - sqrt(3)", "sin(x + y) - sin(x)*cos(y) - cos(x)*sin(y)",
        "4*atan(1/5) - atan(1/239) - atan(1)", "cos(pi)  + 1", "atan(x) + atan(1/x) - pi/2",
        "sqrt(x + y + 2*sqrt(x)*sqrt(y)) - sqrt(x) - sqrt(y)", "log(3 + 2*sqrt(2)) - 2*log(1 + sqrt(2))",
    };
    size_t i;
    (void) unused;
    for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
    {
        box_t box;
        truth_t answer;
        box_init(box, positive_box);
        answer = zero_test(box, hidden[i]);
        assert_true(answer == T_TRUE || answer == T_UNKNOWN);
        box_clear(box);
    }
    /* and nothing may be divided by them */
    check_status(positive_box, "1/(sqrt(5 + 2*sqrt(6)) - sqrt(2) - sqrt(3))", GR_UNABLE);
    check_status(positive_box, "1/(sin(x + y) - sin(x)*cos(y) - cos(x)*sin(y))", GR_UNABLE);
    check_status(positive_box, "1/(log(3 + 2*sqrt(2)) - 2*log(1 + sqrt(2)))", GR_UNABLE);
}

static void test_statuses(void ** unused)
{
    (void) unused;
    check_status(real_box, "abs(x)", GR_UNABLE);
    check_status(real_box, "relu(x - 1)", GR_UNABLE);
    check_status(real_box, "sqrt(-1 - x^2)", GR_DOMAIN);
    check_status(real_box, "log(-exp(x))", GR_DOMAIN);
    check_status(real_box, "log(x*(y + 1) - x*y - x)", GR_DOMAIN);
    check_status(real_box, "1/(x*(y + 1) - x*y - x)", GR_DOMAIN);
    check_status(positive_box, "1/(sqrt(x*y + x) - sqrt(x)*sqrt(y + 1))", GR_DOMAIN);
    check_status(positive_box, "(exp(x + y) - exp(x)*exp(y))^(-1/2)", GR_DOMAIN);
    check_status(negative_box, "sqrt(x)", GR_DOMAIN);
    /* |x| - x is not zero, but on a half line it is */
    check_status(real_box, "1/(sqrt(x^2) - x)", GR_UNABLE);
    check_status(real_box, "1/(log(1 + x + sqrt(x^2)))", GR_UNABLE);
    /* together defined nowhere */
    check_status(real_box, "sqrt(x)*sqrt(-1 - x)", GR_UNABLE);
    check_status(real_box, "log(x) + log(-x)", GR_UNABLE);
    check_status(real_box, "log(x^2 - 1)", GR_SUCCESS);
    check_status(positive_box, "(x + y + z + w)^10000", GR_UNABLE);
    check_status(positive_box, "x^10000", GR_SUCCESS);
    check_status(positive_box, "exp(10^20*x) + exp(x/10^20)", GR_SUCCESS);
}

/* Matrices ***********************************************************************************/

static void set_entry(box_t box, gr_mat_t m, slong i, slong j, const char * text)
{
    assert_int_equal(caustic_field_set_expr(gr_mat_entry_ptr(m, i, j, box->ctx), parse(box, text), box->ctx), GR_SUCCESS);
}

static void test_singular_matrices(void ** unused)
{
    static const char * const entries[][4] =
    {
        {"sqrt(x)", "x", "1", "sqrt(x)"},
        {"sqrt(x*y)", "x", "y", "sqrt(x*y)"},
        {"exp(x)", "exp(2*x)", "1", "exp(x)"},
        {"1 + cos(x)", "sin(x)", "sin(x)", "1 - cos(x)"},
        {"sqrt(2)", "2", "1", "sqrt(2)"},
        {"x^(2/3)", "x", "1", "x^(1/3)"},
        {"sqrt(x + sqrt(y))", "x + sqrt(y)", "1", "sqrt(x + sqrt(y))"},
    };
    size_t c;
    (void) unused;
    for (c = 0; c < sizeof(entries) / sizeof(entries[0]); c++)
    {
        box_t box;
        gr_mat_t a, b;
        gr_ptr det;
        slong rank = -1;
        box_init(box, positive_box);
        gr_mat_init(a, 2, 2, box->ctx);
        gr_mat_init(b, 2, 2, box->ctx);
        det = gr_heap_init(box->ctx);
        set_entry(box, a, 0, 0, entries[c][0]);
        set_entry(box, a, 0, 1, entries[c][1]);
        set_entry(box, a, 1, 0, entries[c][2]);
        set_entry(box, a, 1, 1, entries[c][3]);
        assert_int_not_equal(gr_mat_inv(b, a, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_mat_det(det, a, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_is_zero(det, box->ctx), T_TRUE);
        assert_int_equal(gr_ctx_is_field(box->ctx), T_TRUE);
        assert_int_equal(gr_mat_rank(&rank, a, box->ctx), GR_SUCCESS);
        assert_int_equal(rank, 1);
        gr_mat_clear(a, box->ctx);
        gr_mat_clear(b, box->ctx);
        release(box, det);
        box_clear(box);
    }
}

static void check_inverse(box_t box, const gr_mat_t a)
{
    slong n = a->r, rank = -1;
    gr_mat_t b, p, q;
    gr_ptr det, det2;
    gr_mat_init(b, n, n, box->ctx);
    gr_mat_init(p, n, n, box->ctx);
    gr_mat_init(q, n, n, box->ctx);
    det = gr_heap_init(box->ctx);
    det2 = gr_heap_init(box->ctx);
    assert_int_equal(gr_mat_inv(b, a, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_mat_mul(p, a, b, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_mat_is_one(p, box->ctx), T_TRUE);
    assert_int_equal(gr_mat_nonsingular_solve(q, a, p, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_mat_equal(q, b, box->ctx), T_TRUE);
    assert_int_equal(gr_mat_rank(&rank, a, box->ctx), GR_SUCCESS);
    assert_int_equal(rank, n);
    assert_int_equal(gr_mat_adjugate(q, det, a, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_mat_det(det2, a, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_equal(det, det2, box->ctx), T_TRUE);
    assert_int_equal(gr_mat_mul_scalar(b, b, det, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_mat_equal(b, q, box->ctx), T_TRUE);
    gr_mat_clear(b, box->ctx);
    gr_mat_clear(p, box->ctx);
    gr_mat_clear(q, box->ctx);
    release(box, det);
    release(box, det2);
}

static void test_matrices(void ** unused)
{
    static const char * const entries[] =
    {
        "1 + x", "sqrt(x)", "y", "sqrt(x)", "2 + exp(y)", "1/z", "x*y", "log(z)", "sqrt(x + 1)",
    };
    /* x, y, z, w = m11, m12, m21, m22: g^{ij} for |P M^T|^2 + |P^T M|^2 */
    static const char * const head[] =
    {
        "2*x^2 + y^2 + z^2", "x*y + z*w", "x*z + y*w", "0",
        "x*y + z*w", "x^2 + 2*y^2 + w^2", "0", "x*z + y*w",
        "x*z + y*w", "0", "x^2 + 2*z^2 + w^2", "x*y + z*w",
        "0", "x*z + y*w", "x*y + z*w", "y^2 + z^2 + 2*w^2",
    };
    box_t box;
    gr_mat_t a;
    gr_ptr det, expected;
    slong i;
    clock_t start;
    double seconds;
    (void) unused;

    box_init(box, positive_box);
    gr_mat_init(a, 3, 3, box->ctx);
    for (i = 0; i < 9; i++)
    {
        set_entry(box, a, i / 3, i % 3, entries[i]);
    }
    check_inverse(box, a);
    gr_mat_clear(a, box->ctx);
    box_clear(box);

    box_init(box, real_box);
    gr_mat_init(a, 4, 4, box->ctx);
    for (i = 0; i < 16; i++)
    {
        set_entry(box, a, i / 4, i % 4, head[i]);
    }
    start = clock();
    det = gr_heap_init(box->ctx);
    assert_int_equal(gr_mat_det(det, a, box->ctx), GR_SUCCESS);
    expected = element(box, "4*(x*w - y*z)^2*(x^2 + y^2 + z^2 + w^2)^2");
    assert_int_equal(gr_equal(det, expected, box->ctx), T_TRUE);
    check_inverse(box, a);
    seconds = (double) (clock() - start) / CLOCKS_PER_SEC;
    print_message("head of size 2: determinant, inverse, solution, adjugate, rank in %.3f s\n", seconds);
    assert_true(seconds < 5.0);
    release(box, det);
    release(box, expected);
    gr_mat_clear(a, box->ctx);
    box_clear(box);
}

/* Random elements ****************************************************************************/

static const char * const bricks[] =
{
    "x", "y", "1/2", "-3", "x + y", "sqrt(x)", "sqrt(y + 1)", "exp(x/2)", "log(y)", "x*y - 1", "1/(x + y)", "cos(x)",
    "sin(x)", "x^(1/3)", "sqrt(2)", "exp(-y)", "0", "1", "atan(y)", "sqrt(x + sqrt(y))",
};

#define BRICKS (sizeof(bricks) / sizeof(bricks[0]))

static gr_ptr random_element(box_t box, flint_rand_t state)
{
    gr_ptr a = element(box, bricks[n_randint(state, BRICKS)]);
    gr_ptr b = element(box, bricks[n_randint(state, BRICKS)]);
    assert_int_equal(n_randint(state, 2) ? gr_add(a, a, b, box->ctx) : gr_mul(a, a, b, box->ctx), GR_SUCCESS);
    release(box, b);
    return a;
}

static void random_point(fmpq * point, flint_rand_t state)
{
    slong k;
    for (k = 0; k < SYMBOLS; k++)
    {
        fmpq_set_ui(point + k, 1 + n_randint(state, 50), 1 + n_randint(state, 9));
    }
}

static void check_overlap(box_t box, gr_srcptr x, const arb_t value, const fmpq * point, slong * decided)
{
    arb_t t;
    arb_init(t);
    field_value(t, box, x, point, 400);
    if (arb_is_finite(t) && arb_is_finite(value))
    {
        assert_true(arb_overlaps(t, value));
        *decided += 1;
    }
    arb_clear(t);
}

static void test_arithmetic(void ** unused)
{
    flint_rand_t state;
    fmpq * point = _fmpq_vec_init(SYMBOLS);
    slong decided = 0, divided = 0, round;
    arb_t u, v, t;
    (void) unused;
    random_state(state);
    arb_init(u);
    arb_init(v);
    arb_init(t);
    for (round = 0; round < 60; round++)
    {
        box_t box;
        gr_ptr a, b, c, d, e;
        int status;
        box_init(box, positive_box);
        a = random_element(box, state);
        b = random_element(box, state);
        c = random_element(box, state);
        d = gr_heap_init(box->ctx);
        e = gr_heap_init(box->ctx);
        random_point(point, state);
        field_value(u, box, a, point, 400);
        field_value(v, box, b, point, 400);

        assert_int_equal(gr_add(d, a, b, box->ctx), GR_SUCCESS);
        arb_add(t, u, v, 400);
        check_overlap(box, d, t, point, &decided);
        assert_int_equal(gr_sub(d, a, b, box->ctx), GR_SUCCESS);
        arb_sub(t, u, v, 400);
        check_overlap(box, d, t, point, &decided);
        assert_int_equal(gr_mul(d, a, b, box->ctx), GR_SUCCESS);
        arb_mul(t, u, v, 400);
        check_overlap(box, d, t, point, &decided);
        /* aliasing */
        assert_int_equal(gr_set(e, a, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_mul(e, e, b, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_equal(d, e, box->ctx), T_TRUE);
        assert_int_equal(gr_set(e, b, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_mul(e, a, e, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_equal(d, e, box->ctx), T_TRUE);
        assert_int_equal(gr_set(e, a, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_sub(e, e, e, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_is_zero(e, box->ctx), T_TRUE);
        assert_int_equal(gr_neg(e, a, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_neg(e, e, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_equal(e, a, box->ctx), T_TRUE);
        assert_int_equal(gr_pow_ui(e, a, 3, box->ctx), GR_SUCCESS);
        arb_pow_ui(t, u, 3, 400);
        check_overlap(box, e, t, point, &decided);
        /* a (b + c) = a b + a c */
        assert_int_equal(gr_add(e, b, c, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_mul(e, a, e, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_addmul(d, a, c, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_equal(d, e, box->ctx), T_TRUE);
        /* quotients */
        status = gr_div(d, a, b, box->ctx);
        if (status == GR_SUCCESS)
        {
            arb_div(t, u, v, 400);
            check_overlap(box, d, t, point, &decided);
            assert_int_equal(gr_mul(d, d, b, box->ctx), GR_SUCCESS);
            assert_int_equal(gr_equal(d, a, box->ctx), T_TRUE);
            assert_int_equal(gr_is_zero(b, box->ctx), T_FALSE);
            assert_int_equal(gr_is_invertible(b, box->ctx), T_TRUE);
            assert_int_equal(gr_inv(b, b, box->ctx), GR_SUCCESS);
            arb_inv(t, v, 400);
            check_overlap(box, b, t, point, &decided);
            divided++;
        }
        else
        {
            assert_int_not_equal(gr_is_zero(b, box->ctx), T_FALSE);
        }
        /* the printed form is the same function */
        assert_int_equal(caustic_field_set_expr(e, caustic_field_get_expr(a, box->ctx), box->ctx), GR_SUCCESS);
        assert_int_equal(gr_equal(e, a, box->ctx), T_TRUE);
        release(box, a);
        release(box, b);
        release(box, c);
        release(box, d);
        release(box, e);
        box_clear(box);
    }
    print_message("decided %ld values, %ld quotients\n", (long) decided, (long) divided);
    assert_true(decided > 200);
    assert_true(divided > 40);
    arb_clear(u);
    arb_clear(v);
    arb_clear(t);
    _fmpq_vec_clear(point, SYMBOLS);
    flint_rand_clear(state);
}

/* A random expression of about that many operations. */
static caustic_expr random_expression(box_t box, flint_rand_t state, slong operations)
{
    static const caustic_op unary[] =
    {
        CAUSTIC_OP_EXP, CAUSTIC_OP_LOG, CAUSTIC_OP_SIN, CAUSTIC_OP_COS, CAUSTIC_OP_TANH, CAUSTIC_OP_SIGMOID,
        CAUSTIC_OP_SOFTPLUS, CAUSTIC_OP_ATAN, CAUSTIC_OP_ABS, CAUSTIC_OP_RELU, CAUSTIC_OP_ERF, CAUSTIC_OP_SIGN,
    };
    caustic_expr stack[3];
    slong length = 3, k;
    fmpq_t c;
    fmpq_init(c);
    for (k = 0; k < length; k++)
    {
        stack[k] = n_randint(state, 3) ? box->symbols[n_randint(state, 2)]
            : caustic_integer(box->pool, (slong) n_randint(state, 7) - 3);
    }
    while (operations-- > 0)
    {
        caustic_expr * a = stack + n_randint(state, 3);
        caustic_expr b = stack[n_randint(state, 3)], e;
        switch (n_randint(state, 7))
        {
            case 0: e = caustic_add(box->pool, *a, b); break;
            case 1: e = caustic_sub(box->pool, *a, b); break;
            case 2: e = caustic_mul(box->pool, *a, b); break;
            case 3: e = caustic_div(box->pool, *a, b); break;
            case 4:
                fmpq_set_si(c, (slong) n_randint(state, 7) - 3, 1 + n_randint(state, 3));
                e = caustic_power(box->pool, *a, c);
                break;
            case 5: e = caustic_sqrt(box->pool, *a); break;
            default: e = caustic_function(box->pool, unary[n_randint(state, sizeof(unary) / sizeof(unary[0]))], *a);
        }
        *a = e != CAUSTIC_NONE ? e : *a;
    }
    fmpq_clear(c);
    return caustic_add(box->pool, stack[0], caustic_mul(box->pool, stack[1], stack[2]));
}

/* On every kind of box: where an element is made and both values are finite, they are the same; and
   signs and zeros that are proved are true at random points. */
static void test_random_expressions(void ** unused)
{
    static const char * const * const boxes[] = {positive_box, real_box, negative_box, bounded_box};
    flint_rand_t state;
    fmpq * point = _fmpq_vec_init(SYMBOLS);
    slong round, k, trial, decided = 0, made = 0;
    arb_t u, v;
    (void) unused;
    random_state(state);
    arb_init(u);
    arb_init(v);
    for (round = 0; round < 400; round++)
    {
        box_t box;
        gr_ptr x;
        slong n;
        box_init(box, boxes[n_randint(state, 4)]);
        x = gr_heap_init(box->ctx);
        for (n = 0; n < 2; n++)
        {
            caustic_expr e = random_expression(box, state, 1 + (slong) n_randint(state, 5));
            caustic_sign sign;
            if (caustic_field_set_expr(x, e, box->ctx) != GR_SUCCESS)
            {
                continue;
            }
            made++;
            sign = caustic_field_sign(x, box->ctx);
            for (trial = 0; trial < 3; trial++)
            {
                random_point(point, state);
                for (k = 0; k < SYMBOLS; k++)
                {
                    const caustic_interval_struct * d = box->domains + k;
                    if (!d->lower_infinite && !d->upper_infinite)
                    {
                        fmpq_t t;
                        fmpq_init(t);
                        fmpq_one(t);
                        fmpq_add(t, t, point + k);
                        fmpq_div(point + k, point + k, t);
                        fmpq_sub(t, d->upper, d->lower);
                        fmpq_mul(point + k, point + k, t);
                        fmpq_add(point + k, point + k, d->lower);
                        fmpq_clear(t);
                    }
                    else if (!d->upper_infinite || (d->lower_infinite && n_randint(state, 2)))
                    {
                        fmpq_neg(point + k, point + k);
                    }
                }
                assert_true(inside(box, point));
                field_value(u, box, x, point, 300);
                tape_value(v, box, e, point, 300);
                if (!arb_is_finite(u) || !arb_is_finite(v))
                {
                    continue;
                }
                decided++;
                if (!arb_overlaps(u, v)
                    || ((sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NONNEGATIVE) && arb_is_negative(v))
                    || ((sign == CAUSTIC_SIGN_NEGATIVE || sign == CAUSTIC_SIGN_NONPOSITIVE) && arb_is_positive(v))
                    || (sign == CAUSTIC_SIGN_ZERO && arb_is_nonzero(v)))
                {
                    char * s = caustic_expr_string(box->pool, e);
                    print_message("%s\n", s);
                    flint_free(s);
                    fail_msg("value or sign (%d) is wrong", (int) sign);
                }
            }
        }
        release(box, x);
        box_clear(box);
    }
    print_message("made %ld elements, decided %ld values\n", (long) made, (long) decided);
    assert_true(made > 300);
    assert_true(decided > 500);
    arb_clear(u);
    arb_clear(v);
    _fmpq_vec_clear(point, SYMBOLS);
    flint_rand_clear(state);
}

static void test_ring_axioms(void ** unused)
{
    box_t box;
    gr_ptr x;
    (void) unused;
    box_init(box, positive_box);
    gr_test_ring(box->ctx, 30, 0);
    x = element(box, "sqrt(x) + exp(y)");
    gr_test_ring(box->ctx, 30, 0);
    release(box, x);
    box_clear(box);
}

/* Functions, derivatives *********************************************************************/

static const char * const functions[] =
{
    "x^3*y - 2*x/(y + 1)", "sqrt(x)", "sqrt(x*y + 1)/x", "x^(2/3)", "(x + y)^(-3/2)", "exp(x*y)", "exp(-x^2/2)", "log(x + y^2)",
    "sin(x*y)", "cos(x^2)", "tan(x)", "atan(x/y)", "sinh(x)", "cosh(x - y)", "tanh(x*y)", "sigmoid(x - y)", "softplus(x*y)",
    "erf(x - y)", "abs(x)", "relu(x*y)", "sqrt(x + sqrt(y))", "exp(sqrt(x))", "log(1 + exp(x))^2", "sqrt(log(2 + x))",
    "exp(x/3)*sqrt(y)*pi", "x^(1/2)*x^(1/3)", "sin(exp(x))*cos(log(y))", "1/(sqrt(x) + sqrt(y) + 1)", "sqrt(x)/(1 + x^(1/3))",
    "erf(sqrt(x))*atan(exp(y))", "log(x/y)/sqrt(2)", "sqrt(exp(x) + exp(-x))",
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static void test_values_and_derivatives(void ** unused)
{
    flint_rand_t state;
    fmpq * point = _fmpq_vec_init(SYMBOLS);
    size_t i;
    slong k, round;
    arb_t u, v, width;
    (void) unused;
    random_state(state);
    arb_init(u);
    arb_init(v);
    arb_init(width);
    for (i = 0; i < FUNCTIONS; i++)
    {
        slong decided = 0;
        box_t box;
        caustic_expr e;
        gr_ptr x, d, again;
        box_init(box, positive_box);
        e = parse(box, functions[i]);
        x = element(box, functions[i]);
        d = gr_heap_init(box->ctx);
        again = gr_heap_init(box->ctx);
        assert_int_equal(caustic_field_set_expr(again, caustic_field_get_expr(x, box->ctx), box->ctx), GR_SUCCESS);
        assert_int_equal(gr_equal(again, x, box->ctx), T_TRUE);
        for (k = -1; k < 2; k++)
        {
            caustic_expr slope = k < 0 ? e : caustic_derivative(box->pool, e, box->symbols[k]);
            if (k < 0)
            {
                assert_int_equal(gr_set(d, x, box->ctx), GR_SUCCESS);
            }
            else
            {
                assert_int_equal(caustic_field_derivative(d, x, k, box->ctx), GR_SUCCESS);
            }
            for (round = 0; round < 4; round++)
            {
                random_point(point, state);
                fmpq_set_si(point, 1 + (slong) n_randint(state, 7), 5);
                field_value(u, box, d, point, 500);
                tape_value(v, box, slope, point, 500);
                if (arb_is_finite(u) && arb_is_finite(v))
                {
                    if (!arb_overlaps(u, v))
                    {
                        fail_msg("%s, %ld: values differ", functions[i], (long) k);
                    }
                    arb_sub(width, u, v, 500);
                    assert_true(mag_cmp_2exp_si(arb_radref(width), -100) < 0);
                    decided++;
                }
            }
            if (k >= 0)
            {
                /* the derivative of the expression is the same element */
                truth_t same = T_UNKNOWN;
                if (caustic_field_set_expr(again, slope, box->ctx) == GR_SUCCESS)
                {
                    same = gr_equal(again, d, box->ctx);
                }
                if (same != T_TRUE)
                {
                    fail_msg("%s: derivative %ld not proved equal (%d)", functions[i], (long) k, (int) same);
                }
            }
        }
        if (decided < 6)
        {
            fail_msg("%s: only %ld values decided", functions[i], (long) decided);
        }
        release(box, x);
        release(box, d);
        release(box, again);
        box_clear(box);
    }
    arb_clear(u);
    arb_clear(v);
    arb_clear(width);
    _fmpq_vec_clear(point, SYMBOLS);
    flint_rand_clear(state);
}

static void test_softplus_slope(void ** unused)
{
    box_t box;
    gr_ptr x, s;
    (void) unused;
    box_init(box, real_box);
    x = element(box, "softplus(x)");
    s = element(box, "sigmoid(x)");
    assert_int_equal(caustic_field_derivative(x, x, 0, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_equal(x, s, box->ctx), T_TRUE);
    release(box, x);
    release(box, s);
    box_clear(box);
}

/* Elements made before the field grows stay what they were. */
static void test_growth(void ** unused)
{
    static const char * const more[] =
    {
        "sqrt(x)", "exp(y)", "log(x + y)", "sin(x)", "x^(1/6)", "exp(y/6)", "atan(y)", "erf(x)", "pi", "sqrt(3)", "sqrt(5)",
        "sqrt(7)", "log(11)", "exp(x*y)", "sqrt(1 + sqrt(x))",
    };
    box_t box;
    gr_ptr old, r, sum, t, u, all[sizeof(more) / sizeof(more[0])];
    size_t i;
    (void) unused;
    box_init(box, positive_box);
    old = element(box, "x*y/(x + 1)");
    r = element(box, "sqrt(y)");
    sum = gr_heap_init(box->ctx);
    for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
    {
        all[i] = element(box, more[i]);
        assert_int_equal(gr_add(sum, sum, all[i], box->ctx), GR_SUCCESS);
        assert_int_equal(gr_mul(sum, sum, r, box->ctx), GR_SUCCESS);
    }
    for (i = sizeof(more) / sizeof(more[0]); i-- > 0;)
    {
        t = gr_heap_init(box->ctx);
        assert_int_equal(gr_div(t, sum, r, box->ctx), GR_SUCCESS);
        assert_int_equal(gr_sub(sum, t, all[i], box->ctx), GR_SUCCESS);
        release(box, t);
    }
    assert_int_equal(gr_is_zero(sum, box->ctx), T_TRUE);
    t = element(box, "x*y/(x + 1)");
    assert_int_equal(gr_equal(old, t, box->ctx), T_TRUE);
    assert_int_equal(gr_equal(t, old, box->ctx), T_TRUE);
    u = element(box, "sqrt(y)");
    assert_int_equal(gr_mul(u, u, r, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_mul(r, r, r, box->ctx), GR_SUCCESS);
    assert_int_equal(gr_equal(u, r, box->ctx), T_TRUE);
    gr_swap(old, r, box->ctx);
    assert_int_equal(caustic_field_set_expr(t, caustic_field_get_expr(r, box->ctx), box->ctx), GR_SUCCESS);
    assert_int_equal(gr_equal(t, r, box->ctx), T_TRUE);
    for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
    {
        release(box, all[i]);
    }
    release(box, old);
    release(box, r);
    release(box, sum);
    release(box, t);
    release(box, u);
    box_clear(box);
}

static void check_text(box_t box, const char * text, const char * expected)
{
    gr_ptr x = element(box, text);
    char * s = caustic_expr_string(box->pool, caustic_field_get_expr(x, box->ctx));
    assert_string_equal(s, expected);
    flint_free(s);
    release(box, x);
}

/* A finer root or exponential takes the place of the one before, also in arguments, divisors and
   derivatives made with the coarser one. */
static void test_refinement(void ** unused)
{
    static const char * const made[] =
    {
        "exp(x)", "1/(exp(x) - 2)", "sqrt(y)/(exp(x) + sqrt(y))", "log(1 + exp(x))", "sin(exp(x) - 3*y)", "exp(1/(1 - exp(x)))",
        "atan(y - exp(x))", "sqrt(1 + exp(x))", "sqrt(y + exp(x))^3", "exp(-3*x)*y^(3/2)",
    };
    static const char * const finer[] = {"exp(x/2)", "exp(x/3) + y^(1/3)", "exp(x/7)*y^(1/4)"};
    gr_ptr old[sizeof(made) / sizeof(made[0])];
    size_t i, j;
    box_t box;
    (void) unused;
    box_init(box, positive_box);
    for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
    {
        old[i] = element(box, made[i]);
    }
    for (j = 0; j < sizeof(finer) / sizeof(finer[0]); j++)
    {
        gr_ptr fine = element(box, finer[j]);
        for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        {
            gr_ptr again = element(box, made[i]), slope = gr_heap_init(box->ctx), other = gr_heap_init(box->ctx);
            if (gr_equal(again, old[i], box->ctx) != T_TRUE)
            {
                fail_msg("%s is not what it was, after %s", made[i], finer[j]);
            }
            assert_int_equal(gr_mul(other, old[i], fine, box->ctx), GR_SUCCESS);
            assert_int_equal(gr_div(other, other, fine, box->ctx), GR_SUCCESS);
            assert_int_equal(gr_equal(other, old[i], box->ctx), T_TRUE);
            assert_int_equal(caustic_field_derivative(slope, old[i], 0, box->ctx), GR_SUCCESS);
            assert_int_equal(caustic_field_set_expr(other,
                caustic_derivative(box->pool, parse(box, made[i]), box->symbols[0]), box->ctx), GR_SUCCESS);
            assert_int_equal(gr_equal(slope, other, box->ctx), T_TRUE);
            release(box, again);
            release(box, slope);
            release(box, other);
        }
        release(box, fine);
    }
    check_text(box, "tanh(x)", "(exp(2*x) - 1)/(exp(2*x) + 1)");
    check_text(box, "sqrt(exp(z) + exp(2*z))", "exp(z/2)*sqrt(exp(z) + 1)");
    assert_int_equal(zero_test(box, "log((1 + exp(x))*(1 + exp(x/2))) - log(1 + exp(x)) - log(1 + exp(x/2))"), T_TRUE);
    assert_int_equal(zero_test(box, "softplus(x/3) + softplus(-2*x/5) - softplus(-x/3) - softplus(2*x/5) - x/3 + 2*x/5"), T_TRUE);
    for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
    {
        release(box, old[i]);
    }
    box_clear(box);
}

/* Matrices ***********************************************************************************/

/* n(n+1)/2 entries of the lower triangle. */
static void form_init(gr_mat_t form, slong n, const char * const * entry, box_t box)
{
    slong i, j, next = 0;
    gr_mat_init(form, n, n, box->ctx);
    for (i = 0; i < n; i++)
    {
        for (j = 0; j <= i; j++, next++)
        {
            gr_ptr x = element(box, entry[next]);
            assert_int_equal(gr_set(gr_mat_entry_ptr(form, i, j, box->ctx), x, box->ctx), GR_SUCCESS);
            assert_int_equal(gr_set(gr_mat_entry_ptr(form, j, i, box->ctx), x, box->ctx), GR_SUCCESS);
            release(box, x);
        }
    }
}

/* At the point (p, q), later symbols 1. */
static void check_semidefinite(slong n, const char * const * entry, const char * p, const char * q, truth_t expected)
{
    box_t box;
    gr_mat_t form;
    fmpq * point = _fmpq_vec_init(SYMBOLS);
    slong i;
    truth_t found;
    caustic_error_t error;
    box_init(box, positive_box);
    caustic_error_init(error);
    form_init(form, n, entry, box);
    for (i = 0; i < SYMBOLS; i++)
    {
        fmpq_one(point + i);
    }
    assert_int_equal(caustic_parse_fmpq(point, p, NULL, error), CAUSTIC_OK);
    assert_int_equal(caustic_parse_fmpq(point + 1, q, NULL, error), CAUSTIC_OK);
    found = caustic_field_is_semidefinite_at(form, point, box->ctx);
    if (found != expected)
    {
        fail_msg("%s ...: %d, expected %d", entry[0], (int) found, (int) expected);
    }
    gr_mat_clear(form, box->ctx);
    _fmpq_vec_clear(point, SYMBOLS);
    caustic_error_clear(error);
    box_clear(box);
}

/* What balls cannot show: a matrix of lower rank, one with a diagonal of zeros; and near misses of both. */
static void test_semidefinite(void ** unused)
{
    (void) unused;
    check_semidefinite(1, (const char * const []) {"x - y"}, "1/3", "1/3", T_TRUE);
    check_semidefinite(1, (const char * const []) {"x - y - 1e-40"}, "1/3", "1/3", T_FALSE);
    check_semidefinite(2, (const char * const []) {"x", "x*y", "x*y^2"}, "2/7", "3", T_TRUE);
    check_semidefinite(2, (const char * const []) {"x", "x*y", "x*y^2 - 1e-50"}, "2/7", "3", T_FALSE);
    check_semidefinite(2, (const char * const []) {"0", "x - 2", "0"}, "2", "1", T_TRUE);
    check_semidefinite(2, (const char * const []) {"0", "x - 2 + 1e-30", "0"}, "2", "1", T_FALSE);
    check_semidefinite(2, (const char * const []) {"0", "x - 2", "y"}, "3", "1", T_FALSE);
    /* rank 2: 4 e_2 e_2 + (e_1 + x e_2 + y e_3)^2; the first diagonal entry is no pivot */
    check_semidefinite(3, (const char * const []) {"1", "x", "x^2 + 4", "y", "x*y", "y^2"}, "5", "-1/2", T_TRUE);
    check_semidefinite(3, (const char * const []) {"0", "0", "x^2 + 4", "0", "x*y", "y^2"}, "5", "-1/2", T_TRUE);
    check_semidefinite(3, (const char * const []) {"0", "0", "x^2", "0", "x*y", "y^2"}, "5", "-1/2", T_TRUE);
    check_semidefinite(3, (const char * const []) {"0", "0", "x^2", "0", "x*y", "y^2 - 1e-60"}, "5", "-1/2", T_FALSE);
    /* numbers that are not rational: roots and exponentials, whose zeros algebra knows */
    check_semidefinite(2, (const char * const []) {"1", "sqrt(x)", "x"}, "2", "1", T_TRUE);
    check_semidefinite(2, (const char * const []) {"1", "sqrt(x)", "x - 1e-60"}, "2", "1", T_FALSE);
    check_semidefinite(2, (const char * const []) {"exp(x)", "exp(x + y)", "exp(x + 2*y)"}, "1/2", "1/3", T_TRUE);
    check_semidefinite(2, (const char * const []) {"exp(x)", "exp(x + y)", "exp(x + 2*y) - 1e-40*exp(y)"}, "1/2", "1/3", T_FALSE);
    check_semidefinite(2, (const char * const []) {"exp(x)", "exp(x + y)", "exp(x + 2*y) + 1e-40*exp(y)"}, "1/2", "1/3", T_TRUE);
    /* a pole; what has one only where it is written down; far from the pole */
    check_semidefinite(1, (const char * const []) {"1/(x - y)^2"}, "1", "1", T_UNKNOWN);
    check_semidefinite(2, (const char * const []) {"1", "0", "(x - y)/(x - y)^3"}, "1", "1", T_UNKNOWN);
    check_semidefinite(1, (const char * const []) {"(x^2 - y^2)/(x - y)"}, "1", "1", T_TRUE);
    check_semidefinite(1, (const char * const []) {"1/(x - y)^2"}, "1", "2", T_TRUE);
}

/* Everywhere where x, y > 0. */
static void check_semidefinite_everywhere(slong n, const char * const * entry, int expected)
{
    box_t box;
    gr_mat_t form;
    box_init(box, positive_box);
    form_init(form, n, entry, box);
    if (caustic_field_is_semidefinite(form, box->ctx) != expected)
    {
        fail_msg("%s ...: not %d", entry[0], expected);
    }
    gr_mat_clear(form, box->ctx);
    box_clear(box);
}

static void test_semidefinite_everywhere(void ** unused)
{
    (void) unused;
    check_semidefinite_everywhere(1, (const char * const []) {"(x - y)^2"}, 1);
    check_semidefinite_everywhere(1, (const char * const []) {"(x - y)^2 - 1/1000000"}, 0);
    check_semidefinite_everywhere(1, (const char * const []) {"x - 1/1000000"}, 0);
    check_semidefinite_everywhere(2, (const char * const []) {"x", "x*y", "x*y^2"}, 1);
    check_semidefinite_everywhere(2, (const char * const []) {"x", "x*y", "x*y^2 - 1e-50"}, 0);
    check_semidefinite_everywhere(2, (const char * const []) {"(x - y)^2", "0", "0"}, 1);
    /* the diagonal is nowhere negative, but where it is 0 the rest is not */
    check_semidefinite_everywhere(2, (const char * const []) {"(x - y)^2", "x - y", "x"}, 0);
    check_semidefinite_everywhere(2, (const char * const []) {"0", "x - y", "1"}, 0);
    check_semidefinite_everywhere(2, (const char * const []) {"x^2", "x", "1"}, 1);
    check_semidefinite_everywhere(2, (const char * const []) {"exp(x)", "1", "exp(-x)"}, 1);
    check_semidefinite_everywhere(2, (const char * const []) {"exp(x)", "1", "exp(-x) - 1e-30"}, 0);
    /* the second row first */
    check_semidefinite_everywhere(3, (const char * const []) {"(x - y)^2 + 1", "1", "1", "0", "0", "(x - y)^4"}, 1);
    check_semidefinite_everywhere(3, (const char * const []) {"(x - y)^2 + 1", "1", "1", "0", "0", "(x - y)^3"}, 0);
}

/* Signs **************************************************************************************/

static void check_sign(const char * const * ends, const char * text, caustic_sign expected)
{
    box_t box;
    gr_ptr x;
    caustic_sign sign;
    caustic_witness_t witness;
    int wanted;
    box_init(box, ends);
    x = element(box, text);
    sign = caustic_field_sign(x, box->ctx);
    if (sign != expected)
    {
        fail_msg("%s: sign %d, expected %d", text, sign, expected);
    }
    /* a proved sign excludes points of the other sign */
    caustic_witness_init(witness, SYMBOLS);
    for (wanted = -1; wanted <= 1; wanted += 2)
    {
        int found = caustic_field_find_sign(witness, x, wanted, box->ctx);
        if (found)
        {
            assert_true(inside(box, witness->point));
            assert_true(wanted > 0 ? arb_is_positive(witness->value) : arb_is_negative(witness->value));
            assert_true(sign != CAUSTIC_SIGN_ZERO);
            assert_false(wanted > 0 && (sign == CAUSTIC_SIGN_NEGATIVE || sign == CAUSTIC_SIGN_NONPOSITIVE));
            assert_false(wanted < 0 && (sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NONNEGATIVE));
        }
        else
        {
            assert_false(wanted > 0 && sign == CAUSTIC_SIGN_POSITIVE);
            assert_false(wanted < 0 && sign == CAUSTIC_SIGN_NEGATIVE);
        }
    }
    caustic_witness_clear(witness);
    release(box, x);
    box_clear(box);
}

static void test_signs(void ** unused)
{
    (void) unused;
    check_sign(positive_box, "x", CAUSTIC_SIGN_POSITIVE);
    check_sign(positive_box, "-x*y", CAUSTIC_SIGN_NEGATIVE);
    check_sign(positive_box, "x - y", CAUSTIC_SIGN_UNKNOWN);
    /* exponentials of what has a sign, and of what has none */
    check_sign(positive_box, "exp(x) - exp(-x)", CAUSTIC_SIGN_POSITIVE);
    check_sign(positive_box, "exp(x) - exp(-x) + y", CAUSTIC_SIGN_POSITIVE);
    check_sign(positive_box, "exp(-2*x) - exp(y)", CAUSTIC_SIGN_NEGATIVE);
    check_sign(positive_box, "exp(x) - 1000001/1000000", CAUSTIC_SIGN_UNKNOWN);
    check_sign(positive_box, "exp(x - y) - 1", CAUSTIC_SIGN_UNKNOWN);
    check_sign(positive_box, "exp(x*y)*(exp(x) - 1) - 1", CAUSTIC_SIGN_UNKNOWN);
    check_sign(positive_box, "(x - y)^2", CAUSTIC_SIGN_NONNEGATIVE);
    check_sign(positive_box, "-(x - y)^2/(x + y)", CAUSTIC_SIGN_NONPOSITIVE);
    check_sign(positive_box, "x - x", CAUSTIC_SIGN_ZERO);
    check_sign(positive_box, "x^2 - x*y + y^2", CAUSTIC_SIGN_POSITIVE);
    check_sign(positive_box, "-7/3", CAUSTIC_SIGN_NEGATIVE);
    check_sign(real_box, "x", CAUSTIC_SIGN_UNKNOWN);
    check_sign(real_box, "x^2", CAUSTIC_SIGN_NONNEGATIVE);
    check_sign(real_box, "1 + x^2*y^4", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "1/(1 + x^2)", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "1/x^2", CAUSTIC_SIGN_UNKNOWN);
    check_sign(real_box, "x^2 + y^2", CAUSTIC_SIGN_NONNEGATIVE);
    check_sign(real_box, "x^2 - x*y + y^2 + 10^(-20)", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "x^2 - 2*x*y + y^2 - 10^(-20)", CAUSTIC_SIGN_UNKNOWN);
    check_sign(real_box, "x^2 + y^2 + z^2 - x*y - y*z - x*z", CAUSTIC_SIGN_NONNEGATIVE);
    check_sign(real_box, "x^2 - 2*x + 1 + 10^(-30)", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "x^2 - 2*x + 1", CAUSTIC_SIGN_NONNEGATIVE);
    /* numbers whose terms nearly cancel, and one that is 0 without its form saying so */
    check_sign(real_box, "4*x^2 + (1/sqrt(6) - 10^(-40))^2", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "x^2 + sqrt(2)*sqrt(3) - 2.4494897427831780981972840747058914", CAUSTIC_SIGN_UNKNOWN);
    check_sign(real_box, "x^2 + sqrt(2)*sqrt(3) - 2.4494897427831780981972840747058913", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "sqrt(2)*sqrt(3) - 2.4494897427831780981972840747058914", CAUSTIC_SIGN_NEGATIVE);
    check_sign(real_box, "x^2 + log(2) - 0.6931471805599453094172321214581765", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "x^2 + log(2) - 0.6931471805599453094172321214581766", CAUSTIC_SIGN_UNKNOWN);
    check_sign(real_box, "x^2 - 2*x + 1 - 10^(-30)", CAUSTIC_SIGN_UNKNOWN);
    check_sign(positive_box, "x^2 - 2*x + 1 + 10^(-30)", CAUSTIC_SIGN_POSITIVE);
    check_sign(positive_box, "x^2 - 2*x + 1 - 10^(-30)", CAUSTIC_SIGN_UNKNOWN);
    check_sign(positive_box, "x^3 - 3*x + 2 + 10^(-30)", CAUSTIC_SIGN_POSITIVE);
    check_sign(positive_box, "x^3 - 3*x + 2 - 10^(-30)", CAUSTIC_SIGN_UNKNOWN);
    /* x in (1, 2), y in (-1, 1/2), z in (-3, -2), w in (10, 11): up to the ends and beyond */
    check_sign(bounded_box, "x - 1", CAUSTIC_SIGN_POSITIVE);
    check_sign(bounded_box, "x - 1 - 10^(-20)", CAUSTIC_SIGN_UNKNOWN);
    check_sign(bounded_box, "x - 2", CAUSTIC_SIGN_NEGATIVE);
    check_sign(bounded_box, "x - 2 + 10^(-20)", CAUSTIC_SIGN_UNKNOWN);
    check_sign(bounded_box, "y", CAUSTIC_SIGN_UNKNOWN);
    check_sign(bounded_box, "y + z + 3/2", CAUSTIC_SIGN_NEGATIVE);
    check_sign(bounded_box, "y + z + 3/2 + 10^(-20)", CAUSTIC_SIGN_UNKNOWN);
    check_sign(bounded_box, "x*w - 10", CAUSTIC_SIGN_POSITIVE);
    check_sign(bounded_box, "(x - 3/2)^2 - 1/4", CAUSTIC_SIGN_NEGATIVE);
    check_sign(bounded_box, "(x - 3/2)^2", CAUSTIC_SIGN_NONNEGATIVE);
    check_sign(bounded_box, "(x - 1)*(x - 5/4)*(x - 5/4) + 0*y", CAUSTIC_SIGN_NONNEGATIVE);
    /* generators */
    check_sign(real_box, "exp(x) + y^2", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "exp(x) - 1", CAUSTIC_SIGN_UNKNOWN);
    check_sign(real_box, "softplus(x)", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "sin(x) + 2", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "sin(x) + 1", CAUSTIC_SIGN_UNKNOWN);
    check_sign(real_box, "atan(x) + 2", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "erf(x) - 3/2", CAUSTIC_SIGN_NEGATIVE);
    check_sign(real_box, "4 - pi", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "sqrt(x^2 + 1)", CAUSTIC_SIGN_POSITIVE);
    check_sign(real_box, "sqrt(x^2)", CAUSTIC_SIGN_NONNEGATIVE);
    check_sign(real_box, "sqrt(x)", CAUSTIC_SIGN_UNKNOWN);
    check_sign(real_box, "tanh(x)", CAUSTIC_SIGN_UNKNOWN);
    check_sign(positive_box, "atan(x)*erf(y)*sqrt(z)", CAUSTIC_SIGN_POSITIVE);
    check_sign(positive_box, "-log(1 + x)", CAUSTIC_SIGN_NEGATIVE);
    check_sign(positive_box, "log(2) - log(3) + log(3)", CAUSTIC_SIGN_POSITIVE);
}

/* Small things *******************************************************************************/

static void test_texts(void ** unused)
{
    box_t box;
    (void) unused;
    box_init(box, positive_box);
    check_text(box, "z*z + z*z", "2*z^2");
    check_text(box, "1/(z^2 + z^2)", "1/(2*z^2)");
    check_text(box, "z^2/2", "z^2/2");
    check_text(box, "z - z", "0");
    check_text(box, "6/4", "3/2");
    check_text(box, "sqrt(z)*sqrt(z)*exp(x)*exp(y)", "z*exp(x + y)");
    box_clear(box);
}

static void test_getters(void ** unused)
{
    box_t box;
    gr_ptr x;
    fmpq_t value, expected;
    fmpz_poly_t num, den;
    caustic_witness_t witness;
    caustic_text_t out;
    (void) unused;
    box_init(box, positive_box);
    fmpq_init(value);
    fmpq_init(expected);
    fmpz_poly_init(num);
    fmpz_poly_init(den);

    assert_int_equal(caustic_field_symbols(box->ctx), SYMBOLS);
    assert_true(caustic_field_symbol(2, box->ctx) == box->symbols[2]);
    assert_ptr_equal(caustic_field_pool(box->ctx), box->pool);

    x = element(box, "(x + 1)/(2*x + 2) - 3*sqrt(4)");
    fmpq_set_si(expected, -11, 2);
    assert_int_equal(caustic_field_get_fmpq(value, x, box->ctx), T_TRUE);
    assert_true(fmpq_equal(value, expected));
    release(box, x);
    x = element(box, "x/y");
    assert_int_equal(caustic_field_get_fmpq(value, x, box->ctx), T_FALSE);
    release(box, x);
    x = element(box, "sqrt(2)");
    assert_int_equal(caustic_field_get_fmpq(value, x, box->ctx), T_UNKNOWN);
    assert_int_equal(caustic_field_get_fmpz_poly_q(num, den, x, 0, box->ctx), 0);
    release(box, x);

    x = element(box, "(4*y^2 - 4)/(2 - 2*y)/3");
    assert_int_equal(caustic_field_get_fmpz_poly_q(num, den, x, 0, box->ctx), 0);
    assert_int_equal(caustic_field_get_fmpz_poly_q(num, den, x, 1, box->ctx), 1);
    assert_int_equal(fmpz_poly_degree(num), 1);
    assert_int_equal(fmpz_poly_get_coeff_si(num, 1), -2);
    assert_int_equal(fmpz_poly_get_coeff_si(num, 0), -2);
    assert_int_equal(fmpz_poly_degree(den), 0);
    assert_int_equal(fmpz_poly_get_coeff_si(den, 0), 3);
    release(box, x);

    x = element(box, "x - y");
    caustic_witness_init(witness, SYMBOLS);
    caustic_text_init(out);
    assert_int_equal(caustic_field_is_zero(x, witness, box->ctx), T_FALSE);
    caustic_witness_print(out, witness, box->ctx);
    assert_non_null(strstr(out->data, "x = 1, y = 2"));
    assert_non_null(strstr(out->data, "-1.0"));
    assert_non_null(strstr(out->data, "(not 0)"));
    caustic_text_clear(out);
    caustic_witness_clear(witness);
    release(box, x);

    fmpq_clear(value);
    fmpq_clear(expected);
    fmpz_poly_clear(num);
    fmpz_poly_clear(den);
    box_clear(box);
}

/* A field of numbers: no symbols. */
static void test_constants(void ** unused)
{
    caustic_pool * pool = caustic_pool_new();
    gr_ctx_t ctx;
    gr_ptr a, b;
    (void) unused;
    caustic_field_ctx_init(ctx, pool, NULL, NULL, 0);
    a = gr_heap_init(ctx);
    b = gr_heap_init(ctx);
    assert_int_equal(caustic_field_set_expr(a, caustic_sqrt(pool, caustic_integer(pool, 2)), ctx), GR_SUCCESS);
    assert_int_equal(gr_mul(b, a, a, ctx), GR_SUCCESS);
    assert_int_equal(gr_sub_si(b, b, 2, ctx), GR_SUCCESS);
    assert_int_equal(gr_is_zero(b, ctx), T_TRUE);
    assert_int_equal(gr_is_zero(a, ctx), T_FALSE);
    assert_int_equal(gr_inv(b, b, ctx), GR_DOMAIN);
    assert_int_equal(gr_inv(b, a, ctx), GR_SUCCESS);
    assert_int_equal(gr_mul(b, a, b, ctx), GR_SUCCESS);
    assert_int_equal(gr_is_one(b, ctx), T_TRUE);
    gr_heap_clear(a, ctx);
    gr_heap_clear(b, ctx);
    gr_ctx_clear(ctx);
    caustic_pool_free(pool);
}

/* Defined everywhere is asked of the expression: its element forgets what cancels. */
static void test_smooth(void ** state)
{
    static const struct
    {
        const char * text;
        const char * stratum;
        int punctured;
        truth_t on_line, on_positive;
    }
    cases[] =
    {
        {"x^3 - y*exp(x)/cosh(y) + atan(x)*erf(y)", NULL, 0, T_TRUE, T_TRUE},
        {"1/x", NULL, 0, T_FALSE, T_TRUE},
        {"1/x", NULL, 1, T_UNKNOWN, T_TRUE},
        {"1/x", "x", 0, T_TRUE, T_TRUE},
        {"1/x", "y", 0, T_UNKNOWN, T_TRUE},
        {"x*(1/x)", NULL, 0, T_FALSE, T_TRUE},
        {"0*log(x)", NULL, 0, T_FALSE, T_TRUE},
        {"0*log(x)", "x", 1, T_FALSE, T_TRUE},
        {"1/(x^2 + y^2)", NULL, 0, T_UNKNOWN, T_TRUE},
        {"1/(x^2 + y^2)", "x^2 + y^2", 0, T_TRUE, T_TRUE},
        {"1/sqrt(x^2 + y^2)", "x^2 + y^2", 0, T_TRUE, T_TRUE},
        {"1/sqrt(x^2 + y^2)^3", "x^2 + y^2", 0, T_TRUE, T_TRUE},
        {"log(x^2 + y^2)", "x^2 + y^2", 0, T_TRUE, T_TRUE},
        {"1/(1/x - 1/y)", "x", 0, T_UNKNOWN, T_UNKNOWN},
        {"1/(x - y)", NULL, 0, T_FALSE, T_FALSE},
        {"sqrt(x - 1)", NULL, 0, T_FALSE, T_FALSE},
        {"sqrt(x^2)", NULL, 0, T_UNKNOWN, T_TRUE}, /* |x| */
        {"sqrt(x^2 + 1)", NULL, 0, T_TRUE, T_TRUE},
        {"x^(5/2)", NULL, 0, T_FALSE, T_TRUE},
        {"abs(x)", NULL, 0, T_UNKNOWN, T_TRUE},
        {"tan(x)", NULL, 0, T_UNKNOWN, T_UNKNOWN},
        {"tan(sin(x))", NULL, 0, T_TRUE, T_TRUE},
        {"1/(x^2 - 2*x + 2)", NULL, 0, T_TRUE, T_TRUE},
        {"1/(x^4 - 3*x^2 + 2)", NULL, 0, T_FALSE, T_FALSE},
    };
    size_t i;
    (void) state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        int positive;
        for (positive = 0; positive < 2; positive++)
        {
            box_t box;
            caustic_text_t why;
            caustic_expr nonzero = CAUSTIC_NONE;
            truth_t answer, expected = positive ? cases[i].on_positive : cases[i].on_line;
            box_init(box, positive ? positive_box : real_box);
            caustic_text_init(why);
            if (cases[i].stratum != NULL)
            {
                nonzero = parse(box, cases[i].stratum);
            }
            answer = caustic_field_is_smooth(why, parse(box, cases[i].text), &nonzero, cases[i].stratum != NULL,
                cases[i].punctured, box->ctx);
            if (answer != expected || (answer == T_TRUE) != (why->length == 0))
            {
                fail_msg("%s (%s): %d instead of %d: %s", cases[i].text, positive ? "positive" : "line", (int) answer,
                    (int) expected, why->data);
            }
            caustic_text_clear(why);
            box_clear(box);
        }
    }
}

/* Shorter, and the same function: what is not shorter, or would lose its form, stays. */
static void test_shorten(void ** state)
{
    static const char * const cases[][2] =
    {
        {"1/sqrt(4*x^2/(x^2 + 1)^2 + (x^2 - 1)^2/(x^2 + 1)^2)", "1"},
        {"x/sqrt(4*x^2/(x^2 + 1)^2 + (x^2 - 1)^2/(x^2 + 1)^2 + exp(x))", NULL},
        {"log(1 + exp(-((1 - x^2)/(x^2 + 1) + x/(x^2 + 1))))", "log(1 + exp((x^2 - x - 1)/(x^2 + 1)))"},
        {"((x + y)^2 - x^2 - y^2 - 2*x*y + x - 1)^2/2", "(x - 1)^2/2"},
        {"(x - 1)^2 + (x - 2)^2", NULL}, /* 2*x^2 - 6*x + 5 is shorter, and no sum of squares */
        {"sqrt(x^2)", NULL},             /* |x| */
        {"tanh(x*y/y)", "tanh(x)"},
        {"relu((x*y - x)/(y - 1))", "relu(x)"},
        {"x + exp(x)", NULL},
        {"2", NULL},
    };
    box_t box;

    (void) state;
    box_init(box, real_box);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_expr e = parse(box, cases[i][0]);
        caustic_expr shorter = caustic_field_shorten(e, box->ctx);

        if (shorter != (cases[i][1] == NULL ? e : parse(box, cases[i][1])))
        {
            char * found = caustic_expr_string(caustic_field_pool(box->ctx), shorter);
            fail_msg("%s became %s", cases[i][0], found);
        }
    }
    {
        /* in x alone: sums over rows are one polynomial, what is common cancels, y is unknown */
        caustic_expr x = box->symbols[0];
        const caustic_interval_struct * domain = box->domains;

        static const char * const short_terms[][2] =
            {{"(x - 1)^2/2 + (2*x - 3)^2/2 - 5*x^2/2", "5 - 7*x"}, {"(2*x + 1)*(x^2 + 1)/(4*x^3 + 2*x^2 + 4*x + 2)", "1/2"}};

        for (int i = 0; i < 2; i++)
        {
            caustic_expr other = caustic_lowest_terms(box->pool, parse(box, short_terms[i][0]), x, domain);
            caustic_expr wanted = parse(box, short_terms[i][1]);

            assert_true(other != CAUSTIC_NONE && caustic_expr_nodes(box->pool, other) <= caustic_expr_nodes(box->pool, wanted) + 1);
            assert_int_equal(caustic_lowest_terms(box->pool, caustic_sub(box->pool, other, wanted), x, domain), caustic_integer(box->pool, 0));
        }
        assert_int_equal(caustic_lowest_terms(box->pool, parse(box, "x + y"), x, domain), CAUSTIC_NONE);
        assert_int_equal(caustic_lowest_terms(box->pool, CAUSTIC_NONE, x, domain), CAUSTIC_NONE);
    }
    box_clear(box);
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_kinks),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_multiple_angles),
        cmocka_unit_test(test_near_misses),
        cmocka_unit_test(test_hidden_identities),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_singular_matrices),
        cmocka_unit_test(test_matrices),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_random_expressions),
        cmocka_unit_test(test_ring_axioms),
        cmocka_unit_test(test_values_and_derivatives),
        cmocka_unit_test(test_softplus_slope),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_refinement),
        cmocka_unit_test(test_semidefinite),
        cmocka_unit_test(test_semidefinite_everywhere),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_getters),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_smooth),
        cmocka_unit_test(test_shorten),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    flint_cleanup();
    return failures;
}
