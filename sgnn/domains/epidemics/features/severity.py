"""From infection to hospital and death: probabilities that drift, and delays."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter, Uniform

SEVERITY = Feature(
    name="severity",
    description="admissions and deaths follow symptoms by Gamma delays, with slowly drifting probabilities",
    parameters={
        "hospital_probability": Parameter(
            LogUniform(0.01, 0.15),
            description="P(hospital given symptoms)",
            source="Mantis prior U(0.02, 0.15), widened down",
        ),
        "death_probability": Parameter(
            Uniform(0.05, 0.30), description="P(death given hospital)", source="Mantis prior"
        ),
        "hospital_delay_shape": Parameter(
            Uniform(2.0, 4.0), description="shape of the delay to hospital", source="Mantis prior"
        ),
        "hospital_delay_scale": Parameter(
            Uniform(1.0, 3.0), unit="day", description="scale of the delay to hospital", source="Mantis prior"
        ),
        "death_delay_shape": Parameter(
            Uniform(1.5, 2.5), description="shape of the delay from hospital to death", source="Mantis prior"
        ),
        "death_delay_scale": Parameter(
            Uniform(2.0, 8.0),
            unit="day",
            description="scale of the delay from hospital to death",
            source="Mantis prior U(2, 5), widened by registration",
        ),
        "community_deaths": Parameter(
            Uniform(0.0, 0.6),
            description="deaths outside hospital, relative to those within",
            source="care homes in 2020",
        ),
        "hospital_drift": Parameter(
            Uniform(0.0, 0.05),
            unit="1/sqrt(week)",
            description="weekly standard deviation of log P(hospital)",
            source="testing, age mix and beds change",
        ),
        "death_drift": Parameter(
            Uniform(0.0, 0.07),
            unit="1/sqrt(week)",
            description="weekly standard deviation of log P(death given hospital)",
            source="treatment and age mix change",
        ),
    },
    inert={},
)
