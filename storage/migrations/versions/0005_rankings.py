"""rankings, and what rules learnt from their examples"""

import sqlalchemy as sa
from alembic import op

from storage.tables import CompressedText, UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resembles", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "ranking",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("floor", sa.Float(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("resembles", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_ranking_item_id")),
        sa.PrimaryKeyConstraint("item_id", "claim_id", "rule_id", name=op.f("pk_ranking")),
    )
    op.create_index(op.f("ix_ranking_claim_id_ranking_at"), "ranking", ["claim_id", "at"])
    op.create_table(
        "training",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", CompressedText(), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", "rule_id", name=op.f("pk_training")),
    )
    op.create_table(
        "stream_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("learnt_at", UtcDateTime(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("counts", CompressedText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_words")),
    )
