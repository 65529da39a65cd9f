"""The program and three models, with what happens to meters: no network, restarts, packets lost, a long time."""

import pytest
from meterhost.meter import MeterError

all_models = pytest.mark.nb_module("BC28", "BC25", "BC260Y-CN")


@all_models
def test_a_module_from_the_factory_is_configured_once_and_registers(meter, known_as):
    meter.start()
    assert known_as() == "registered"
    assert (meter.starts, meter.written) == (1, 1)


@all_models
def test_a_second_start_writes_nothing(meter):
    meter.start()
    meter.start()
    assert meter.written == 1


@all_models
def test_coverage_that_comes_late_is_waited_for(meter, nb_module, nb_clock, known_as):
    nb_module.set_coverage(False)
    with pytest.raises(MeterError, match="no network"):
        meter.start()
    nb_module.set_coverage(True)
    meter.start()
    assert known_as() == "registered"


@all_models
def test_a_module_that_restarts_in_between_is_brought_up_again(meter, nb_module, known_as):
    meter.start()
    nb_module.reset()
    meter.watch(60)
    assert meter.starts == 2
    assert known_as() == "registered"


@pytest.mark.nb_module("BC260Y-CN")
def test_lost_packets_make_it_later_not_otherwise(meter, nb_faults, nb_lab):
    nb_faults.add("loss", direction="up", packets=[1, 2])
    meter.start()
    assert [packet.lost for packet in nb_lab.packets(operation="Register")] == [True, True, False]


@pytest.mark.nb_module("BC260Y-CN")
def test_after_a_day_it_is_registered_still(meter, nb_lab, nb_module, known_as):
    meter.start()
    meter.watch(24 * 3600)
    assert known_as() == "registered"
    assert len(nb_lab.packets(source=nb_module, operation="Update")) >= 143  # every 600 s


@pytest.mark.nb_module("BC28")
def test_a_reading_is_acknowledged_by_the_platform(meter, nb_lab, nb_module):
    meter.start()
    meter.deliver(b'{"m3":"0042.7"}')
    assert "+QLADATASTATUS:4" in meter.urcs
    history = nb_lab.platform("andlink").device(nb_module.imei).history
    assert any("0042.7" in str(entry) for entry in history)
