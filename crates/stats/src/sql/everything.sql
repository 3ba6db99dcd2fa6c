-- Everything has to be computed again. No forecast is in force yet: what stands there is none of ours.
insert into refresh_changes (subject, from_day, thru_day)
values
    ('sales', '-infinity', 'infinity'),
    ('inventory', '-infinity', 'infinity'),
    ('purchases', '-infinity', 'infinity'),
    ('demand', '-infinity', 'infinity');
