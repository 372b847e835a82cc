-- What figures are reckoned with.

-- Percents have one decimal, half up: counted in tenths, which are integers. Nothing of nothing is no data. These are single expressions, so that they become
-- part of the query.
create function tenths(numerator bigint, denominator bigint) returns bigint language sql immutable as $$
    select case when denominator > 0 then (numerator * 2000 + denominator) / (denominator * 2) end
$$;

create function tenths_shown(tenths bigint) returns text language sql immutable as $$
    select (tenths / 10::float8)::text
$$;

create function percent(numerator bigint, denominator bigint) returns numeric language sql immutable as $$
    select tenths(numerator, denominator)::numeric * 0.1
$$;

create function wilson_bound(share float8, n float8, z float8 default 1.959964) returns bigint language sql immutable as $$
    select round(1000 * (share + z * z / (2 * n) - z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))) / (1 + z * z / n))::bigint
$$;

-- The lower bound of what the true share may be (Wilson, 95 %), in tenths of a percent: few ratings prove little. A department may have got more back than
-- it answered; more than all is all. The upper bound is what is left of the lower one of the rest.
create function wilson_tenths(numerator bigint, denominator bigint) returns bigint language sql immutable as $$
    select case when denominator > 0 then wilson_bound(least(numerator, denominator) / denominator::float8, denominator::float8) end
$$;

create function wilson(numerator bigint, denominator bigint) returns numeric language sql immutable as $$
    select wilson_tenths(numerator, denominator)::numeric * 0.1
$$;

-- ln(n!), by Stirling where that is exact enough.
create function ln_factorial(n bigint) returns double precision language plpgsql immutable as $$
begin
    if n < 50 then
        return (select coalesce(sum(ln(i)), 0) from generate_series(1, n) as i);
    end if;
    return n * ln(n::double precision) - n + ln(2 * pi() * n) / 2 + 1.0::double precision / (12 * n) - 1.0::double precision / (360 * n::double precision ^ 3);
end $$;

-- How unlikely so many or more are where so many were expected (Poisson). Summed up on the side where the chances fall; below what a number can hold
-- they are nothing.
create function poisson_tail(seen bigint, expected double precision) returns double precision language plpgsql immutable as $$
declare
    upward boolean := seen > expected;
    k bigint := case when upward then seen else seen - 1 end;
    term double precision;                       -- the logarithm of the chance of exactly k
    tail double precision := 0;
begin
    if seen <= 0 or expected <= 0 then
        return case when seen <= 0 then 1 else 0 end;
    end if;
    term := -expected + k * ln(expected) - ln_factorial(k);
    while k >= 0 and term > -700 loop
        tail := tail + exp(term);
        exit when exp(term) < tail * 1e-12;
        k := k + case when upward then 1 else -1 end;
        term := term + case when upward then ln(expected / k) else ln(greatest(k + 1, 1) / expected) end;
    end loop;
    return case when upward then least(tail, 1) else greatest(1 - tail, 0) end;
end $$;

-- What is left of one after another of those at risk.
create aggregate product(float8) (sfunc = float8mul, stype = float8, initcond = 1);
