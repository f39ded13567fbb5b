/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Two flat dimensions: the uniform bound of the error on a box of 2 x 2 x 1 in space and time with nu = 1/20, which
    must be below 1e-40 and take less than ten seconds, and phi with its derivatives at a point. Times in milliseconds.
*/

#include <stdio.h>
#include <time.h>
#include <caustic/heat.h>

static double
milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1e3 + now.tv_nsec * 1e-6;
}

static int
bench(const char * name, const char * text)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_name names[2] = {{"x", caustic_symbol(pool, "x")}, {"y", caustic_symbol(pool, "y")}};
    caustic_expr symbols[2] = {names[0].value, names[1].value}, loss;
    caustic_scope scope = {names, 2, NULL, 0};
    caustic_error_t error;
    caustic_text_t why;
    caustic_space_t space;
    caustic_grid_t grid;
    arb_ptr s = _arb_vec_init(2), value = _arb_vec_init(16), slope = _arb_vec_init(4);
    arb_t t, tolerance;
    arf_t radius_s, radius_t;
    fmpq_t nu;
    double uniform, point;
    int good;

    caustic_error_init(error);
    caustic_text_init(why);
    caustic_grid_init(grid, 2);
    arb_init(t);
    arb_init(tolerance);
    arf_init(radius_s);
    arf_init(radius_t);
    fmpq_init(nu);
    fmpq_set_si(nu, 1, 20);
    arf_set_d(radius_s, 0.03125);
    arf_set_d(radius_t, 0.0078125);
    good = caustic_parse(&loss, pool, text, &scope, NULL, error) == CAUSTIC_OK
        && caustic_space_init(space, why, pool, symbols, 2, loss, nu) == CAUSTIC_OK;
    if (good)
    {
        arb_add_error_2exp_si(s, 0);
        arb_add_error_2exp_si(s + 1, 0);
        arb_set_d(t, 0.6);
        mag_set_d(arb_radref(t), 0.5);
        uniform = milliseconds();
        good = caustic_grid_find(grid, space, s, t, radius_s, radius_t, 110) == CAUSTIC_OK;
        uniform = milliseconds() - uniform;
        arb_set_str(tolerance, "1e-40", 64);
        good = good && arb_lt(grid->error, tolerance) && uniform < 1e4;

        arb_set_d(s, 0.3);
        arb_set_d(s + 1, -0.2);
        arb_set_d(t, 0.5);
        point = milliseconds();
        good = caustic_grid_find(grid, space, s, t, radius_s, radius_t, 110) == CAUSTIC_OK && good;
        caustic_grid_expand(value, slope, grid, space, s, t, 210);
        point = milliseconds() - point;
        good = good && arb_rel_accuracy_bits(value) > 100;
        printf("%-12s box: %8.1f ms, point: %8.1f ms, %ld x %ld terms%s\n", name, uniform, point, 2 * (long) grid->reach[0] + 1,
            2 * (long) grid->reach[1] + 1, good ? "" : "  TOO SLOW OR TOO WIDE");
        caustic_space_clear(space);
    }
    caustic_error_clear(error);
    caustic_text_clear(why);
    caustic_grid_clear(grid);
    _arb_vec_clear(s, 2);
    _arb_vec_clear(value, 16);
    _arb_vec_clear(slope, 4);
    arb_clear(t);
    arb_clear(tolerance);
    arf_clear(radius_s);
    arf_clear(radius_t);
    fmpq_clear(nu);
    caustic_pool_free(pool);
    return good;
}

int
main(void)
{
    int good = 1;

    good = bench("quadratic", "(x + y - 1)^2/2 + (x - 2*y)^2/4") && good;
    good = bench("neurons", "(exp(sqrt(2)*x) + exp(sqrt(2)*y) - 2)^2/2") && good;
    good = bench("softmax", "log(1 + exp(x) + exp(y)) - x/2 - y/3") && good;
    return good ? 0 : 1;
}
