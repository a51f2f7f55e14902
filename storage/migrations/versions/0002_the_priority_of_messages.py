"""the priority of messages"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_message = sa.table("message", sa.column("priority", sa.String()), sa.column("data", sa.JSON()))
_in_payload = _message.c.data[("data", "alert", "priority")].as_string()


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("priority", sa.String(), nullable=False, server_default=""))
    op.execute(sa.update(_message).where(_in_payload.is_not(None)).values(priority=_in_payload))
