"""Layers of towns: their own attributes as delivered, then ours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..inputs.source import Field
from . import schema
from .reading_towns import TownTable


class TownFields:
    """:param ours: the fields that are added; an attribute with a name of ours is kept under another."""

    def __init__(self, table: TownTable, ours: list[Field]):
        self._table, self._ours = table, ours
        self._kept = schema.kept_names(table.fields, ours)
        self.fields = [*(Field(self._kept[field.name], field.type) for field in table.fields), *ours]

    def layer(self, values: pd.DataFrame) -> pd.DataFrame:
        """:param values: our fields, indexed by the towns' rows. :returns: all fields and ``geometry``, towns' CRS."""
        rows = values.index.to_numpy(np.int64)
        columns = {self._kept[name]: column[rows] for name, column in self._table.attributes.items()}
        columns |= {field.name: values[field.name].to_numpy() for field in self._ours}
        columns["geometry"] = self._table.towns.geometry[rows]
        return pd.DataFrame(columns, index=rows)
