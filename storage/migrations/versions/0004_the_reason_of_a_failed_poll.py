"""the reason of a failed poll"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_source = sa.table("source", sa.column("state", sa.String()), sa.column("reason", sa.Text()), sa.column("failures"))
_failed = sa.and_(_source.c.failures > 0, _source.c.state.not_in(("new", "ok")))
_after = sa.case((_source.c.state == "gone", "gone"), else_="failed")


def upgrade() -> None:
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.execute(sa.update(_source).where(_failed).values(reason=_source.c.state, state=_after))
    unknown = _source.c.state.not_in(("new", "ok", "damaged", "failed", "gone"))
    op.execute(sa.update(_source).where(unknown).values(state="ok"))
