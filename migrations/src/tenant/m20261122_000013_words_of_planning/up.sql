-- Lookup tables whose words are fixed: what planning, the quality gate and the health monitor can say.
-- Their rows come with the migration; their keys are those that every machine computes.

create table fmr_classes (
    id bigint not null primary key check (id >= 0),
    code text not null check (octet_length(code) <= 256),
    name text not null check (octet_length(name) <= 256),
    constraint fmr_classes_natural_key unique (code)
);
comment on table fmr_classes is 'How fast products move: F, M, R';
comment on column fmr_classes.id is 'Key of the table and code: 63 bits, the same on every machine';
comment on column fmr_classes.code is 'Short form';
comment on column fmr_classes.name is 'Name';
insert into fmr_classes (id, code, name) values
    (5633931326344288541, 'F', 'Fast mover'),
    (2362855500887902911, 'M', 'Medium mover'),
    (6473775291832666788, 'R', 'Rare mover');

create table abc_classes (
    id bigint not null primary key check (id >= 0),
    code text not null check (octet_length(code) <= 256),
    name text not null check (octet_length(name) <= 256),
    constraint abc_classes_natural_key unique (code)
);
comment on table abc_classes is 'What part of revenue products make: A, B, C';
comment on column abc_classes.id is 'Key of the table and code: 63 bits, the same on every machine';
comment on column abc_classes.code is 'Short form';
comment on column abc_classes.name is 'Name';
insert into abc_classes (id, code, name) values
    (2596863232112231669, 'A', 'Most of the revenue'),
    (5363722879481181421, 'B', 'Middle of the revenue'),
    (6049522596344297425, 'C', 'Least of the revenue');

create table xyz_classes (
    id bigint not null primary key check (id >= 0),
    code text not null check (octet_length(code) <= 256),
    name text not null check (octet_length(name) <= 256),
    constraint xyz_classes_natural_key unique (code)
);
comment on table xyz_classes is 'How steady demand is: X, Y, Z';
comment on column xyz_classes.id is 'Key of the table and code: 63 bits, the same on every machine';
comment on column xyz_classes.code is 'Short form';
comment on column xyz_classes.name is 'Name';
insert into xyz_classes (id, code, name) values
    (3860927075821969945, 'X', 'Steady demand'),
    (8418716381258986826, 'Y', 'Varying demand'),
    (1135281027603320528, 'Z', 'Erratic demand');

create table freq_classes (
    id bigint not null primary key check (id >= 0),
    code text not null check (octet_length(code) <= 256),
    name text not null check (octet_length(name) <= 256),
    constraint freq_classes_natural_key unique (code)
);
comment on table freq_classes is
    'How often products are asked for; Frequent is given, the others are those of intermittent demand';
comment on column freq_classes.id is
    'Key of the table and code: 63 bits, the same on every machine';
comment on column freq_classes.code is 'Short form';
comment on column freq_classes.name is 'Name';
insert into freq_classes (id, code, name) values
    (842339515169305996, 'F', 'Frequent'),
    (7664347409562703517, 'I', 'Intermittent'),
    (3429329443974118521, 'S', 'Sporadic'),
    (7505694166818992919, 'N', 'None');

create table match_methods (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint match_methods_natural_key unique (name)
);
comment on table match_methods is 'How a row of an availability sheet was matched to a product';
comment on column match_methods.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column match_methods.name is 'Name';
insert into match_methods (id, name) values
    (8598494387761722937, 'supplier sku'),
    (5316553778057426616, 'vendor sku'),
    (3020017900853571040, 'product sku'),
    (3218270222849094365, 'barcode'),
    (8173426009412489121, 'name'),
    (7488210505168396093, 'manual');

create table data_quality_check_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint data_quality_check_types_natural_key unique (name)
);
comment on table data_quality_check_types is 'The four kinds of checks of the quality gate';
comment on column data_quality_check_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column data_quality_check_types.name is 'Name';
insert into data_quality_check_types (id, name) values
    (7022588697800889344, 'completeness'),
    (7760964364442726697, 'consistency'),
    (2956045771630462746, 'freshness'),
    (7024691961881492077, 'statistical anomaly');

create table data_quality_severities (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint data_quality_severities_natural_key unique (name)
);
comment on table data_quality_severities is 'How grave a failed check is; only critical halts';
comment on column data_quality_severities.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column data_quality_severities.name is 'Name';
insert into data_quality_severities (id, name) values
    (435575856882963812, 'critical'),
    (6257732800124532414, 'warning'),
    (1353421513680199027, 'info');

create table data_quality_gate_decisions (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint data_quality_gate_decisions_natural_key unique (name)
);
comment on table data_quality_gate_decisions is 'What the quality gate can decide of a batch';
comment on column data_quality_gate_decisions.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column data_quality_gate_decisions.name is 'Name';
insert into data_quality_gate_decisions (id, name) values
    (5763358675176994548, 'passed'),
    (6179882454309545720, 'passed with warnings'),
    (6728367916479163135, 'halted');

create table data_health_severities (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint data_health_severities_natural_key unique (name)
);
comment on table data_health_severities is
    'How grave a shift of loaded data is; none of them halts';
comment on column data_health_severities.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column data_health_severities.name is 'Name';
insert into data_health_severities (id, name) values
    (2205494294084622308, 'info'),
    (1284342411922331583, 'warning'),
    (3003766901127685743, 'extreme shift');

create table forecast_horizons (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    horizon_days integer not null check (horizon_days > 0),
    constraint forecast_horizons_natural_key unique (name)
);
comment on table forecast_horizons is 'How far ahead a forecast looks';
comment on column forecast_horizons.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column forecast_horizons.name is 'Name';
comment on column forecast_horizons.horizon_days is 'Days from the snapshot day on, whole weeks';
insert into forecast_horizons (id, name, horizon_days) values
    (417363262829765174, 'week', 7),
    (1943570075173091641, 'two weeks', 14),
    (7092885554824671052, 'month', 28),
    (7396209381307098675, 'quarter', 91),
    (6860560359661848007, 'half a year', 182),
    (1852491773372310698, 'year', 364);

create table inventory_strategy_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint inventory_strategy_types_natural_key unique (name)
);
comment on table inventory_strategy_types is
    'Methods that find targets of stock, a row per method and echelon';
comment on column inventory_strategy_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column inventory_strategy_types.name is 'Name';
insert into inventory_strategy_types (id, name) values
    (7320356756691007454, 'store: reorder point'),
    (8369435080203045020, 'store: periodic review'),
    (4072679698870098843, 'store: order up to'),
    (2075848216134177885, 'store: make to order'),
    (4192846364708795993, 'warehouse: reorder point'),
    (3788971361164497955, 'warehouse: periodic review'),
    (325778822104746399, 'warehouse: echelon base stock'),
    (8279549212224766107, 'warehouse: cross-dock');

create table assortment_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint assortment_statuses_natural_key unique (name)
);
comment on table assortment_statuses is
    'Whether a product belongs to an assortment: labels of the UI';
comment on column assortment_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column assortment_statuses.name is 'Name';
insert into assortment_statuses (id, name) values
    (6746211624501016550, 'STOCK'),
    (7557565367259925338, 'NOT-STOCK');

create table po_recommendation_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint po_recommendation_statuses_natural_key unique (name)
);
comment on table po_recommendation_statuses is 'What became of a recommended purchase';
comment on column po_recommendation_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column po_recommendation_statuses.name is 'Name';
insert into po_recommendation_statuses (id, name) values
    (592681801820915313, 'proposed'),
    (5539707917635832606, 'accepted'),
    (2673916107950261460, 'changed'),
    (2520912399759315019, 'rejected'),
    (8529277893264442593, 'expired');

create table to_recommendation_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint to_recommendation_statuses_natural_key unique (name)
);
comment on table to_recommendation_statuses is 'What became of a recommended transfer';
comment on column to_recommendation_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column to_recommendation_statuses.name is 'Name';
insert into to_recommendation_statuses (id, name) values
    (3675945539166269347, 'proposed'),
    (2925507045846998689, 'accepted'),
    (4926537535804800570, 'changed'),
    (1106502113694141534, 'rejected'),
    (4417302361842819165, 'expired');

create table assortment_recommendation_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint assortment_recommendation_statuses_natural_key unique (name)
);
comment on table assortment_recommendation_statuses is
    'What became of a recommended change of assortment';
comment on column assortment_recommendation_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column assortment_recommendation_statuses.name is 'Name';
insert into assortment_recommendation_statuses (id, name) values
    (2005438029380357760, 'proposed'),
    (4229992769679266435, 'confirmed'),
    (4236543399284972596, 'rejected'),
    (34742416429143525, 'drifted');
