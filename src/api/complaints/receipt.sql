-- The complaint that a receipt opens.
select body, version, sealed, sealed_for from show_complaint(:community, (:caller::caller).opened, :caller)
