"""Reads an export with pyarrow and with DuckDB, and prints what they see as JSON.

Usage: read_back.py FOLDER
"""

import json
import sys

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def with_arrow(path):
    table = pq.read_table(path)
    sums = {}
    for field in table.schema:
        if str(field.type).startswith("decimal"):
            total = pc.sum(table[field.name].cast(pa.decimal128(38, field.type.scale))).as_py()
            sums[field.name] = str(total)
    metadata = pq.read_metadata(path)
    return {
        "rows": table.num_rows,
        "types": {field.name: str(field.type) for field in table.schema},
        "nullable": sorted(field.name for field in table.schema if field.nullable),
        "nulls": {name: table[name].null_count for name in table.column_names},
        "sums": sums,
        "first_date": str(pc.min(table["date"]).as_py()),
        "last_date": str(pc.max(table["date"]).as_py()),
        "meaning": table.schema.field("open_po_qty" if "open_po_qty" in table.column_names else "demand_qty")
        .metadata[b"meaning"]
        .decode(),
        "row_groups": metadata.num_row_groups,
        "compression": metadata.row_group(0).column(0).compression,
        "client": metadata.metadata[b"catwing.client"].decode(),
    }


def with_duckdb(path):
    connection = duckdb.connect()
    relation = "read_parquet('%s')" % path.replace("'", "''")
    described = connection.sql(f"describe select * from {relation}").fetchall()
    types = {row[0]: row[1] for row in described}
    sums = {}
    for name, ty in types.items():
        if ty.startswith("DECIMAL"):
            sums[name] = str(connection.sql(f"select sum({name}) from {relation}").fetchall()[0][0])
    return {
        "rows": connection.sql(f"select count(*) from {relation}").fetchall()[0][0],
        "types": types,
        "sums": sums,
        "is_sorted": connection.sql(
            f"select bool_and(before is null or before <= here) from (select here, lag(here) over (order by number) as before "
            f"from (select encode(product_external_id) || '\\x00'::blob || encode(location_external_id) || "
            f"'\\x00'::blob || encode(date::text) as here, file_row_number as number "
            f"from read_parquet('{path}', file_row_number = true)))"
        ).fetchall()[0][0],
        "joined": connection.sql(
            f"select count(*) from {relation} as one join {relation} as other "
            f"using (product_id, location_id, date)"
        ).fetchall()[0][0],
    }


folder = sys.argv[1]
seen = {}
for name in ("features", "targets"):
    path = f"{folder}/{name}.parquet"
    seen[name] = {"pyarrow": with_arrow(path), "duckdb": with_duckdb(path)}
json.dump(seen, sys.stdout)
