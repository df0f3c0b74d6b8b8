"""The reception "Доступний дільничний": its hours, its visits."""
