/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Mean-field networks: neurons as particles, of which only the distribution counts.
*/

#include "preset.h"

enum { COUNT, DIMENSION, CHART };
enum { COVERING, POWER_SUMS };

#define POWER_SUM_PARTICLES 24

/* One particle; the others are copies of it, which permutations exchange. The inverse metric N I makes the velocity of a
   particle the gradient of the Wasserstein derivative. */
static void
write_particle(preset_writer * writer, slong count, slong dimension)
{
    preset_begin(writer, dimension, 0, 0, dimension);

    for (slong i = 0; i < dimension; i++)
    {
        caustic_expr x = preset_parameter(writer, preset_name(writer, "x", i, dimension), 0);

        preset_metric(writer, i, i, preset_integer(writer, count));
        preset_section(writer, i, preset_coordinate(writer, preset_name(writer, "z", i, dimension), x, 0));
    }
    preset_say(writer, "Parameters: a particle x in R^" WORD_FMT "d. Group: the permutations of all " WORD_FMT "d particles."
        " Inverse metric: " WORD_FMT "d I, the Wasserstein scaling. The equations hold on the cover, R^" WORD_FMT "d.",
        dimension, count, count, count * dimension);
    preset_copies(writer, count, "particles");
}

/* p_k = (1/N) sum_i x_i^k: independent where no two particles meet. To go back one would have to solve an equation
   of degree N, so there is no section. */
static void
write_power_sums(preset_writer * writer, slong count)
{
    caustic_pool * pool = writer->pool;
    caustic_expr * x = preset_room(writer, count), * power = preset_room(writer, count);

    preset_begin(writer, count, 0, count - 1, count);
    writer->setting->has_section = 0;

    for (slong i = 0; i < count; i++)
    {
        x[i] = preset_parameter(writer, preset_name(writer, "x", i, count), 0);
        preset_metric(writer, i, i, preset_integer(writer, count));
    }
    for (slong i = 0; i < count - 1; i++)
    {
        preset_element(writer, i, i, x[i + 1]);
        preset_element(writer, i, i + 1, x[i]);
    }
    for (slong k = 1; k <= count; k++)
    {
        for (slong i = 0; i < count; i++)
            power[i] = caustic_power_si(pool, x[i], k);
        preset_coordinate(writer, preset_name(writer, "p", k - 1, PRESET_NUMBER), caustic_div(pool,
            caustic_sum(pool, power, count), preset_integer(writer, count)), 0);
    }
    for (slong i = 0; i < count; i++)
        for (slong j = i + 1; j < count; j++)
            preset_stratum(writer, caustic_sub(pool, x[i], x[j]));

    preset_say(writer, "Parameters: " WORD_FMT "d particles x on the line. Group: their permutations. Inverse metric: " WORD_FMT "d I, the Wasserstein"
        " scaling. Left out: where two particles meet; the power sums fold there.", count, count);
}

void
write_particles(preset_writer * writer)
{
    slong count = writer->option[COUNT].integer, dimension = writer->option[DIMENSION].integer;

    if (writer->option[CHART].integer == COVERING)
    {
        if (preset_fits(writer, DIMENSION, dimension, PRESET_PARAMETERS))
            write_particle(writer, count, dimension);
    }
    else if (dimension != 1)
        preset_refuse(writer, CHART, "has power sums for particles on the line: with chart: power-sums, dimension must be 1; found " WORD_FMT "d",
            dimension);
    else if (count > POWER_SUM_PARTICLES)
        preset_refuse(writer, COUNT, "has power sums of up to %d particles; found " WORD_FMT "d", POWER_SUM_PARTICLES, count);
    else
        write_power_sums(writer, count);
}
